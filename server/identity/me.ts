// What somebody is told about themselves.

import type { Me } from '../contract/identity.ts'
import { type Actor, mayDo, permissions } from './permissions.ts'

export function meOf(actor: Actor): Me {
  const { id, login, name, role, credential, scopes, hasPassword } = actor
  return {
    id,
    login,
    name,
    role,
    permissions: permissions.filter((permission) => mayDo(actor, permission)),
    signIn: scopes === null ? credential : null,
    hasPassword,
  }
}
