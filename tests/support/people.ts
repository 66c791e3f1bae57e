// People of a lab under test, with tokens that let scripts act for them.

import type { Role, Scope } from '../../server/contract/identity.ts'
import { scopes as allScopes } from '../../server/contract/identity.ts'
import { tokenText } from '../../server/identity/credentials.ts'
import { addPerson, addToken } from '../../server/identity/identity-store.ts'
import { hashOf, newSecret } from '../../server/identity/secrets.ts'
import type { Database } from '../../server/plugins/database/database.ts'

export interface TestPerson {
  id: string
  name: string
  role: Role
  token: string
  tokenId: string
}

let count = 0

export async function addTestPerson(
  database: Database,
  role: Role,
  scopes: readonly Scope[] = allScopes,
): Promise<TestPerson> {
  count += 1
  const name = `${role} ${count}`
  const secret = newSecret()
  const createdAt = new Date(0)
  return database.write(async (tx) => {
    const person = await addPerson(tx, { login: `${role}${count}`, name, role, createdAt })
    if (!person) throw new Error(`${name} is there already`)
    const { id: tokenId } = await addToken(tx, {
      personId: person.id,
      name: 'test',
      scopes: scopes.join(' '),
      secretHash: hashOf(secret),
      createdAt,
      expiresAt: new Date('2100-01-01'),
    })
    return { id: person.id, name, role, token: tokenText(tokenId, secret), tokenId }
  })
}
