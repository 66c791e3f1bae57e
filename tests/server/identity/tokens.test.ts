import { describe, expect, it } from 'vitest'
import { coded, day, openIdentity } from '../../support/identity.ts'

async function open() {
  const identity = await openIdentity()
  const person = await identity.add()
  const actor = await identity.actor(person)
  const { credentials, tokens } = identity.services
  const make = (wanted: object = {}) =>
    tokens.make(actor, { name: ' a script ', scopes: ['read'], days: 30, ...wanted }, 'r')
  return { ...identity, person, me: actor, credentials, tokens, make }
}

describe('an API token', () => {
  it('has prefix, id and secret; the database has only the hash of the secret', async () => {
    const { database, make } = await open()
    const { id, token, name } = await make()
    const [, secret = ''] =
      new RegExp(`^pinlab_${id.replaceAll('-', '')}_([A-Za-z0-9_-]{43})$`).exec(token) ?? []
    expect(Buffer.from(secret, 'base64url').byteLength).toBe(32)
    expect(name).toBe('a script')
    expect(JSON.stringify(await database.reader.apiToken.findMany())).not.toContain(secret)
  })

  it('stands for its person with its scopes and no more', async () => {
    const { credentials, make, person } = await open()
    const { id, token } = await make({ scopes: ['read', 'book'] })
    expect(await credentials.byToken(token)).toMatchObject({
      id: person.id,
      credential: id,
      scopes: ['read', 'book'],
    })
  })

  it('is refused where a character of it is another one', async () => {
    const { credentials, make } = await open()
    const { token } = await make()
    const { token: other } = await make()
    for (const at of [0, 7, 20, token.length - 43, token.length - 2]) {
      const letter = token[at] === 'a' ? 'b' : 'a'
      const wrong = token.slice(0, at) + letter + token.slice(at + 1)
      expect(await credentials.byToken(wrong)).toBeNull()
    }
    const mixed = token.slice(0, -43) + other.slice(-43)
    expect(await credentials.byToken(mixed)).toBeNull()
    expect(await credentials.byToken(token)).not.toBeNull()
  })

  it('ends with its days, remembered or not', async () => {
    const { clock, credentials, make } = await open()
    const { token } = await make({ days: 1 })
    await clock.advance(day - 1)
    expect(await credentials.byToken(token)).not.toBeNull()
    await clock.advance(1)
    expect(await credentials.byToken(token)).toBeNull()
    expect(await credentials.byToken(token)).toBeNull()
  })

  it('is revoked at once by its person, and by nobody else', async () => {
    const { actor, add, credentials, make, me, tokens } = await open()
    const { id, token } = await make()
    expect(await credentials.byToken(token)).not.toBeNull()
    const other = await actor(await add())
    const unknown = coded('PINLAB_TOKEN_UNKNOWN')
    await expect(tokens.revoke(other, id, 'r')).rejects.toMatchObject(unknown)
    expect(await credentials.byToken(token)).not.toBeNull()
    await tokens.revoke(me, id, 'r')
    expect(await credentials.byToken(token)).toBeNull()
    await expect(tokens.revoke(me, id, 'r')).rejects.toMatchObject(unknown)
    expect((await tokens.list(me)).map((row) => row.id)).not.toContain(id)
  })

  it('of a disabled person is refused, at once where it was remembered', async () => {
    const { actor, add, credentials, make, person, services } = await open()
    const { token } = await make()
    await credentials.byToken(token)
    const admin = await actor(await add('admin'))
    const asking = { actor: admin, request: 'r' }
    await services.people.change(person.id, 1, { disabled: true }, asking)
    expect(await credentials.byToken(token)).toBeNull()
  })

  it('tells when it was used last, about to the minute', async () => {
    const { clock, credentials, make, me, tokens } = await open()
    const { id, token } = await make()
    const lastUsedAt = async () => (await tokens.list(me)).find((row) => row.id === id)?.lastUsedAt
    expect(await lastUsedAt()).toBeNull()
    await credentials.byToken(token)
    await expect.poll(lastUsedAt).toBe(new Date(clock.now()).toISOString())
    await clock.advance(60_000)
    await credentials.byToken(token)
    await expect.poll(lastUsedAt).toBe(new Date(clock.now()).toISOString())
  })

  it('is one of fifty', async () => {
    const { make, me, tokens } = await open()
    const before = (await tokens.list(me)).length
    for (let n = before; n < 49; n += 1) await make()
    const { id } = await make()
    await expect(make()).rejects.toMatchObject(coded('PINLAB_TOKEN_LIMIT'))
    await tokens.revoke(me, id, 'r')
    await make()
  })
})
