import { describe, expect, it } from 'vitest'
import { Credentials } from '../../../server/identity/credentials.ts'
import { hashOf } from '../../../server/identity/secrets.ts'
import type { Database } from '../../../server/plugins/database/database.ts'
import { useCheapHashes } from '../../support/cheap-hashes.ts'
import { coded, day, from, hour, openIdentity } from '../../support/identity.ts'
import { testPassword } from '../../support/people.ts'

useCheapHashes()

const failed = coded('PINLAB_SIGN_IN_FAILED')

async function open() {
  const identity = await openIdentity()
  const ada = await identity.add()
  const { credentials, signIns } = identity.services
  let addresses = 0
  /** From ever another address: the limits of one are tested elsewhere. */
  const signIn = (password = testPassword, login = ada.login) =>
    signIns.signIn({ login, password }, from(`192.0.2.${addresses++ % 256}`))
  return { ...identity, ada, credentials, signIns, signIn }
}

describe('signing in', () => {
  it('gives a new 256-bit secret each time, of which the database has only the hash', async () => {
    const { database, signIn } = await open()
    const [first, second] = [await signIn(), await signIn()]
    expect(first.secret).not.toBe(second.secret)
    expect(Buffer.from(first.secret, 'base64url').byteLength).toBe(32)
    const rows = await database.reader.signIn.findMany()
    expect(rows.map(({ secretHash }) => secretHash).sort()).toEqual(
      [first, second].map(({ secret }) => hashOf(secret)).sort(),
    )
    expect(JSON.stringify(rows)).not.toContain(first.secret)
  })

  it('takes the login in capitals', async () => {
    const { ada, signIn } = await open()
    expect((await signIn(testPassword, ada.login.toUpperCase())).actor.id).toBe(ada.id)
  })

  it('refuses an unknown login, a wrong password and a disabled person in the same words', async () => {
    const { ada, add, database, signIn } = await open()
    const invited = await add('viewer')
    const gone = await add('viewer')
    await database.write(async (tx) => {
      await tx.person.update({ where: { id: invited.id }, data: { passwordHash: null } })
      await tx.person.update({ where: { id: gone.id }, data: { disabledAt: new Date() } })
    })
    const tries = [
      [testPassword, 'nobody'],
      ['wrong', ada.login],
      [testPassword, gone.login],
      ['', invited.login],
    ] as const
    const refusals = await Promise.all(
      tries.map(([password, login]) => signIn(password, login).catch((error) => error)),
    )
    for (const { code, message, status, members } of refusals) {
      expect({ code, message, status, members }).toEqual({
        code: 'PINLAB_SIGN_IN_FAILED',
        message: refusals[0].message,
        status: 401,
        members: {},
      })
    }
  })

  it('records a failure without the name that was typed', async () => {
    const { database, signIn } = await open()
    await expect(signIn('wrong', 'my secret typed in the wrong field')).rejects.toMatchObject(
      failed,
    )
    const events = await database.reader.auditEvent.findMany()
    expect(JSON.stringify(events, bigints)).toContain('person.sign-in-failed')
    expect(JSON.stringify(events, bigints)).not.toContain('my secret')
  })

  it('fails where the person is disabled or gets another password while the hash is computed', async () => {
    const { ada, add, services, actor, signIn, database } = await open()
    const admin = await actor(await add('admin'))
    const disabling = signIn()
    await services.people.change(ada.id, 1, { disabled: true }, { actor: admin, request: 'r' })
    // The write came first or the sign-in did; either way nobody is signed in.
    await disabling.catch((error) => expect(error).toMatchObject(failed))
    expect(await database.reader.signIn.count()).toBe(0)

    await services.people.change(ada.id, 2, { disabled: false }, { actor: admin, request: 'r' })
    const changing = signIn()
    await database.write((tx) =>
      tx.person.update({ where: { id: ada.id }, data: { passwordHash: 'another' } }),
    )
    await expect(changing).rejects.toMatchObject(failed)
  })

  it('of one account is held up after five failures, with the right password too, for five minutes', async () => {
    const { signIn } = await open()
    for (let n = 0; n < 5; n += 1) await expect(signIn('wrong')).rejects.toMatchObject(failed)
    await expect(signIn()).rejects.toMatchObject(coded('PINLAB_SIGN_IN_TOO_MANY'))
  })

  it('keeps twenty browsers of a person; the one used least lately makes room, and is out', async () => {
    const { clock, credentials, signIn, signIns } = await open()
    const first = await signIn()
    await clock.advance(1000)
    const second = await signIn()
    for (let n = 0; n < 18; n += 1) await signIn()
    await clock.advance(2 * 60_000)
    expect(await credentials.bySignIn(first.secret)).not.toBeNull()
    await credentials.bySignIn(second.secret)
    await clock.advance(2 * 60_000)
    await credentials.bySignIn(first.secret)
    await expect.poll(async () => (await signIns.list(first.actor)).length).toBe(20)

    const later = await signIn()
    expect(await signIns.list(later.actor)).toHaveLength(20)
    expect(later.displaced).toHaveLength(1)
    expect(later.displaced).not.toContain(first.actor.credential)
    expect(await credentials.bySignIn(first.secret)).not.toBeNull()
  })
})

describe('a sign-in', () => {
  it('ends after twelve hours that nobody used it', async () => {
    const { clock, credentials, signIn } = await open()
    const { secret } = await signIn()
    await clock.advance(12 * hour - 1)
    expect(await credentials.bySignIn(secret)).not.toBeNull()
    await clock.advance(12 * hour - 1)
    expect(await credentials.bySignIn(secret)).not.toBeNull()
    await clock.advance(12 * hour)
    expect(await credentials.bySignIn(secret)).toBeNull()
  })

  it('ends after seven days however much it is used', async () => {
    const { clock, credentials, signIn } = await open()
    const { secret } = await signIn()
    for (let hours = 0; hours < 7 * 24 - 6; hours += 6) {
      expect(await credentials.bySignIn(secret)).not.toBeNull()
      await clock.advance(6 * hour)
    }
    await clock.advance(6 * hour - 1)
    expect(await credentials.bySignIn(secret)).not.toBeNull()
    await clock.advance(1)
    expect(await credentials.bySignIn(secret)).toBeNull()
  })

  it('ends as the database says after a restart, with what was used last', async () => {
    const { clock, credentials, database, signIn } = await open()
    const { secret } = await signIn()
    await clock.advance(hour)
    await credentials.bySignIn(secret)
    const row = () => database.reader.signIn.findFirst()
    await expect.poll(async () => (await row())?.lastUsedAt.getTime()).toBe(clock.now())
    // Within the minute nothing is written again.
    await clock.advance(59_999)
    await credentials.bySignIn(secret)
    await database.write(async () => {})
    expect((await row())?.lastUsedAt.getTime()).toBe(clock.now() - 59_999)
  })

  it('is listed with its end, and not when it has ended', async () => {
    const { clock, signIn, signIns } = await open()
    const { actor } = await signIn()
    await signIn()
    const [newer, older] = await signIns.list(actor)
    expect([newer?.isThis, older?.isThis]).toEqual([false, true])
    expect(older).toMatchObject({
      method: 'password',
      userAgent: 'a browser',
      endsAt: new Date(clock.now() + 12 * hour).toISOString(),
    })
    expect(JSON.stringify([newer, older])).not.toContain('ash')
    await clock.advance(12 * hour)
    expect(await signIns.list(actor)).toEqual([])
  })

  it('is ended by its person at once, and by nobody else', async () => {
    const { add, actor, credentials, signIn, signIns } = await open()
    const mine = await signIn()
    const id = mine.actor.credential
    expect(await credentials.bySignIn(mine.secret)).not.toBeNull()
    const other = await actor(await add())
    await expect(signIns.end(other, id, 'r')).rejects.toMatchObject(coded('PINLAB_SIGN_IN_UNKNOWN'))
    expect(await credentials.bySignIn(mine.secret)).not.toBeNull()
    await signIns.end(mine.actor, id, 'r')
    expect(await credentials.bySignIn(mine.secret)).toBeNull()
  })

  it('tells whoever watches it once: when it is ended, and when it runs out', async () => {
    const { clock, credentials, signIn, signIns } = await open()
    const ended: string[] = []
    const watch = async (name: string) => {
      const { secret, actor } = await signIn()
      const known = await credentials.bySignIn(secret)
      if (known) credentials.watch(known, () => ended.push(name))
      return actor
    }
    const first = await watch('first')
    await watch('second')
    await signIns.end(first, first.credential, 'r')
    credentials.sweep()
    expect(ended).toEqual(['first'])
    await clock.advance(12 * hour)
    credentials.sweep()
    credentials.sweep()
    expect(ended).toEqual(['first', 'second'])
  })

  it('that ended, or changed its rights, before it could be watched tells so', async () => {
    const { ada, add, actor, credentials, services, signIn } = await open()
    const { secret } = await signIn()
    const before = await credentials.bySignIn(secret)
    const admin = await actor(await add('admin'))
    await services.people.change(ada.id, 1, { role: 'viewer' }, { actor: admin, request: 'r' })
    expect((await credentials.bySignIn(secret))?.role).toBe('viewer')
    let isOver = false
    if (before) credentials.watch(before, () => (isOver = true))
    await expect.poll(() => isOver).toBe(true)
  })

  it('is not remembered from before a change that came while it was read', async () => {
    const { ada, clock, database, signIn } = await open()
    const { secret } = await signIn()
    let goOn = () => {}
    const gate = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const signIns = database.reader.signIn
    let reads = 0
    /** Hands out its first row only when it is told to. */
    const slow = async (query: Parameters<typeof signIns.findUnique>[0]) => {
      reads += 1
      const row = await signIns.findUnique(query)
      if (reads === 1) await gate
      return row
    }
    const reader = { signIn: { findUnique: slow } }
    const write = database.write.bind(database)
    const credentials = new Credentials({ reader, write } as unknown as Database, clock, () => {})
    const reading = credentials.bySignIn(secret)
    await expect.poll(() => reads).toBe(1)
    await write((tx) =>
      tx.person.update({ where: { id: ada.id }, data: { disabledAt: new Date() } }),
    )
    credentials.forget({ person: ada.id })
    goOn()
    await reading
    expect(await credentials.bySignIn(secret)).toBeNull()
  })
})

describe('secrets that are none', () => {
  it.each(['', 'x', 'A'.repeat(43), 'ä'.repeat(1000)])('%s stands for nobody', async (secret) => {
    const { credentials } = await open()
    expect(await credentials.bySignIn(secret)).toBeNull()
    expect(await credentials.byToken(secret)).toBeNull()
  })
})

describe('the end of a sign-in', () => {
  it('is never later than seven days', async () => {
    const { clock, signIn, signIns, credentials } = await open()
    const { actor, secret } = await signIn()
    const startedAt = clock.now()
    for (let n = 0; n < 15; n += 1) {
      await clock.advance(11 * hour)
      await credentials.bySignIn(secret)
    }
    await expect
      .poll(async () => (await signIns.list(actor))[0]?.endsAt)
      .toBe(new Date(startedAt + 7 * day).toISOString())
  })
})

const bigints = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)
