// People of a lab under test, with tokens that let scripts act for them.

import type { Role, Scope } from '../../server/contract/identity.ts'
import { scopes as allScopes } from '../../server/contract/identity.ts'
import { tokenText } from '../../server/identity/credentials.ts'
import { addPerson, addToken } from '../../server/identity/identity-store.ts'
import { hashOf, newSecret } from '../../server/identity/secrets.ts'
import type { Database } from '../../server/plugins/database/database.ts'

/** Of everybody here. Hashed at the least cost, so that tests which sign in do not wait. */
export const testPassword = 'copper lantern fjord'
const testPasswordHash =
  '$argon2id$v=19$m=8,p=1,t=1$9vu5w2+coohTtDAXIvLTOw$2lhdY5gSsX11A5oQVdzxYe3g8Hgjq+YOfjuuyQswLXw'

export interface TestPerson {
  id: string
  login: string
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
  const login = `${role}${count}`
  return database.write(async (tx) => {
    const passwordHash = testPasswordHash
    const person = await addPerson(tx, { login, name, role, createdAt, passwordHash })
    if (!person) throw new Error(`${name} is there already`)
    const { id: tokenId } = await addToken(tx, {
      personId: person.id,
      name: 'test',
      scopes: scopes.join(' '),
      secretHash: hashOf(secret),
      createdAt,
      expiresAt: new Date('2100-01-01'),
    })
    return { id: person.id, login, name, role, token: tokenText(tokenId, secret), tokenId }
  })
}
