// Credentials for scripts: scoped, expiring, revocable.

import { record } from '../audit/audit.ts'
import type { Clock } from '../clock.ts'
import type { ApiToken, ApiTokenMade, NewApiToken, Scope } from '../contract/identity.ts'
import { PinlabError } from '../errors.ts'
import type { Database } from '../plugins/database/database.ts'
import { type Credentials, tokenText } from './credentials.ts'
import { addToken, readTokens, revokeToken, type TokenRow } from './identity-store.ts'
import type { Actor } from './permissions.ts'
import { hashOf, newSecret } from './secrets.ts'

const mostTokens = 50
const day = 24 * 60 * 60_000

export class ApiTokens {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly credentials: Credentials,
  ) {}

  async list(actor: Actor): Promise<ApiToken[]> {
    return (await readTokens(this.database.reader, actor.id)).map(toToken)
  }

  /** The secret is in the answer and nowhere else. */
  async make(actor: Actor, wanted: NewApiToken, request: string): Promise<ApiTokenMade> {
    const secret = newSecret()
    const now = this.clock.now()
    const row = await this.database.write(async (tx) => {
      if ((await readTokens(tx, actor.id)).length >= mostTokens) {
        throw new PinlabError(
          'PINLAB_TOKEN_LIMIT',
          `A person has at most ${mostTokens} tokens. Revoke one that is not used.`,
        )
      }
      const made = await addToken(tx, {
        personId: actor.id,
        name: wanted.name.trim(),
        scopes: wanted.scopes.join(' '),
        secretHash: hashOf(secret),
        createdAt: new Date(now),
        expiresAt: new Date(now + wanted.days * day),
      })
      const detail = { token: made.id, scopes: wanted.scopes, expiresAt: made.expiresAt }
      await record(tx, { type: 'token.made', actor: actor.id, request, detail })
      return made
    })
    return { ...toToken(row), token: tokenText(row.id, secret) }
  }

  async revoke(actor: Actor, id: string, request: string): Promise<void> {
    await this.database.write(async (tx) => {
      const at = new Date(this.clock.now())
      if (!(await revokeToken(tx, { id, personId: actor.id, at }))) {
        throw new PinlabError('PINLAB_TOKEN_UNKNOWN', 'You have no such token.')
      }
      await record(tx, { type: 'token.revoked', actor: actor.id, request, detail: { token: id } })
    })
    this.credentials.forget({ credential: id })
  }
}

function toToken({ id, name, scopes, createdAt, expiresAt, lastUsedAt }: TokenRow): ApiToken {
  return {
    id,
    name,
    scopes: scopes.split(' ') as Scope[],
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  }
}
