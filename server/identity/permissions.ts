// What a person may do: the matrix of docs/permissions.md. Each route and each kind of live message declares one of these permissions.

import type { AuditSight } from '../audit/audit-search.ts'
import type { Role, Scope } from '../contract/identity.ts'

interface Grant {
  roles: readonly Role[]
  /** The scope that a token needs for it; null: not with a token at all. */
  scope: Scope | null
}

const everyone: readonly Role[] = ['viewer', 'operator', 'admin', 'auditor']

const grants = {
  'lab.read': { roles: everyone, scope: 'read' },
  'board.book': { roles: ['operator', 'admin'], scope: 'book' },
  'board.control': { roles: ['operator', 'admin'], scope: 'control' },
  'board.maintain': { roles: ['admin'], scope: 'admin' },
  'session.read': { roles: everyone, scope: 'read' },
  /** Also those of others. */
  'session.read-all': { roles: ['admin', 'auditor'], scope: 'audit' },
  'host.inspect': { roles: ['admin'], scope: 'admin' },
  /** The log's key, its retention, and the erasure of personal data. */
  'audit.keep': { roles: ['admin'], scope: 'admin' },
  'people.manage': { roles: ['admin'], scope: 'admin' },
  /** Own password, sign-ins and tokens: a token must not make another. */
  'self.manage': { roles: everyone, scope: null },
} as const satisfies Record<string, Grant>

export type Permission = keyof typeof grants | 'public'
export const permissions = Object.keys(grants) as (keyof typeof grants)[]

/** Who a request comes from, and by what. */
export interface Actor {
  id: string
  login: string
  name: string
  role: Role
  /** The sign-in's or token's id. */
  credential: string
  /** Null for somebody who signed in; a token's scopes. */
  scopes: readonly Scope[] | null
  hasPassword: boolean
}

/** The actor of what Pinlab does by itself. */
export const systemActor = 'system'

export function mayDo({ role, scopes }: Pick<Actor, 'role' | 'scopes'>, permission: Permission) {
  if (permission === 'public') return true
  const grant: Grant = grants[permission]
  if (!grant.roles.includes(role)) return false
  return scopes === null || (grant.scope !== null && scopes.includes(grant.scope))
}

/** What they may see of the record: personal data is for whoever reads all, device addresses for whoever inspects the host. */
export function auditSightOf(actor: Pick<Actor, 'id' | 'role' | 'scopes'>): AuditSight {
  const all = mayDo(actor, 'session.read-all')
  return {
    person: actor.id,
    all,
    parts: [
      ...(all ? (['personal'] as const) : []),
      ...(mayDo(actor, 'host.inspect') ? (['addresses'] as const) : []),
    ],
  }
}

/** For the table in the documents. */
export const permissionTable: Readonly<Record<string, Grant>> = grants
