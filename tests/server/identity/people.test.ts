import { describe, expect, it } from 'vitest'
import { useCheapHashes } from '../../support/cheap-hashes.ts'
import { coded, day, from, openIdentity } from '../../support/identity.ts'
import { testPassword } from '../../support/people.ts'

useCheapHashes()

const newPassword = 'walnut harbour eleven'

async function open() {
  const identity = await openIdentity()
  const { people } = identity.services
  const admin = await identity.add('admin')
  const asking = { actor: await identity.actor(admin), request: 'r' }
  const invite = (login = 'Ben', role: 'operator' | 'admin' = 'operator') =>
    people.invite({ login, name: ' Ben ', role }, asking)
  const secretOf = ({ path }: { path: string }) => path.split('#')[1] ?? ''
  const use = (link: { path: string }, password = newPassword) =>
    people.useLink({ token: secretOf(link), password }, from())
  const look = (link: { path: string }) => people.lookAtLink(secretOf(link), from())
  return { ...identity, people, admin, asking, invite, secretOf, use, look }
}

const linkUnknown = coded('PINLAB_LINK_UNKNOWN')

describe('a one-time link', () => {
  it('invites somebody, works once, and its secret is not in the database', async () => {
    const { database, invite, look, secretOf, use } = await open()
    const { person, link } = await invite()
    expect(person).toMatchObject({ login: 'ben', name: 'Ben', state: 'invited' })
    expect(Buffer.from(secretOf(link), 'base64url').byteLength).toBe(32)
    const rows = await database.reader.oneTimeLink.findMany()
    expect(JSON.stringify(rows)).not.toContain(secretOf(link))
    expect(await look(link)).toEqual({ login: 'ben', name: 'Ben', isInvitation: true })
    const { actor } = await use(link)
    expect(actor).toMatchObject({ id: person.id, role: 'operator', hasPassword: true })
    await expect(use(link)).rejects.toMatchObject(linkUnknown)
    await expect(look(link)).rejects.toMatchObject(linkUnknown)
  })

  it('used ten times at once sets one password', async () => {
    const { database, invite, use } = await open()
    const { link } = await invite()
    const used = await Promise.allSettled(Array.from({ length: 10 }, () => use(link)))
    expect(used.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await database.reader.signIn.count()).toBe(1)
  })

  it('of an invitation is good for seven days, of a reset for one', async () => {
    const { asking, clock, invite, look, people, use } = await open()
    const { person, link } = await invite()
    await clock.advance(7 * day - 1)
    await look(link)
    await clock.advance(1)
    await expect(look(link)).rejects.toMatchObject(linkUnknown)
    const again = await people.makeLink(person.id, asking)
    await use(again)
    const reset = await people.makeLink(person.id, asking)
    await clock.advance(day - 1)
    expect((await look(reset)).isInvitation).toBe(false)
    await clock.advance(1)
    await expect(use(reset)).rejects.toMatchObject(linkUnknown)
  })

  it('is ended by a newer one, and by disabling; a disabled person gets none', async () => {
    const { asking, invite, look, people, use } = await open()
    const { person, link } = await invite()
    const newer = await people.makeLink(person.id, asking)
    await expect(look(link)).rejects.toMatchObject(linkUnknown)
    await look(newer)
    await people.change(person.id, 1, { disabled: true }, asking)
    await expect(use(newer)).rejects.toMatchObject(linkUnknown)
    await expect(people.makeLink(person.id, asking)).rejects.toMatchObject(
      coded('PINLAB_PERSON_DISABLED'),
    )
    await people.change(person.id, 2, { disabled: false }, asking)
    await expect(use(newer)).rejects.toMatchObject(linkUnknown)
  })

  it('signs out whatever was signed in, and the old password is over', async () => {
    const { add, asking, people, services, use } = await open()
    const ada = await add()
    const before = await services.signIns.signIn(
      { login: ada.login, password: testPassword },
      from(),
    )
    expect(await services.credentials.bySignIn(before.secret)).not.toBeNull()
    const { secret } = await use(await people.makeLink(ada.id, asking))
    expect(await services.credentials.bySignIn(before.secret)).toBeNull()
    expect(await services.credentials.bySignIn(secret)).not.toBeNull()
    await expect(
      services.signIns.signIn({ login: ada.login, password: testPassword }, from()),
    ).rejects.toMatchObject(coded('PINLAB_SIGN_IN_FAILED'))
  })

  it('with a weak password is refused and is still good', async () => {
    const { invite, use } = await open()
    const { link } = await invite()
    await expect(use(link, 'short')).rejects.toMatchObject(coded('PINLAB_PASSWORD_WEAK'))
    await use(link)
  })

  it('is not guessed: looking and using count for the address', async () => {
    const { look } = await open()
    for (let n = 0; n < 20; n += 1) {
      await expect(look({ path: '/link#guess' })).rejects.toMatchObject(linkUnknown)
    }
    await expect(look({ path: '/link#guess' })).rejects.toMatchObject(
      coded('PINLAB_SIGN_IN_TOO_MANY'),
    )
  })
})

describe('people', () => {
  it('have logins of their own, whatever the case', async () => {
    const { invite } = await open()
    await invite('ben')
    await expect(invite('BEN')).rejects.toMatchObject(coded('PINLAB_PERSON_LOGIN_TAKEN'))
  })

  it('are changed by whoever has seen the latest version', async () => {
    const { asking, invite, people } = await open()
    const { person } = await invite()
    const changed = await people.change(person.id, 1, { name: ' Benjamin ' }, asking)
    expect(changed).toMatchObject({ name: 'Benjamin', role: 'operator', version: 2 })
    const stale = people.change(person.id, 1, { role: 'admin' }, asking)
    await expect(stale).rejects.toMatchObject(coded('PINLAB_REQUEST_STALE'))
    expect((await people.find(person.id)).role).toBe('operator')
  })

  it('are changed by one of two who ask at once', async () => {
    const { asking, invite, people } = await open()
    const { person } = await invite()
    const both = await Promise.allSettled([
      people.change(person.id, 1, { role: 'viewer' }, asking),
      people.change(person.id, 1, { role: 'auditor' }, asking),
    ])
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  })

  it('always have an administrator who can sign in', async () => {
    const { add, admin, asking, invite, people } = await open()
    const last = coded('PINLAB_PERSON_LAST_ADMIN')
    await expect(people.change(admin.id, 1, { role: 'operator' }, asking)).rejects.toMatchObject(
      last,
    )
    await expect(people.change(admin.id, 1, { disabled: true }, asking)).rejects.toMatchObject(last)
    // An invitation that nobody has taken may run out.
    const { person: invited } = await invite('invited', 'admin')
    await expect(people.change(admin.id, 1, { disabled: true }, asking)).rejects.toMatchObject(last)
    await people.change(invited.id, 1, { disabled: true }, asking)
    const other = await add('admin')
    const both = await Promise.allSettled([
      people.change(admin.id, 1, { disabled: true }, asking),
      people.change(other.id, 1, { disabled: true }, asking),
    ])
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  })

  it('change their password with the one they have; other browsers are out, this one stays', async () => {
    const { add, services } = await open()
    const { credentials, people, signIns } = services
    const ada = await add()
    const enter = () => signIns.signIn({ login: ada.login, password: testPassword }, from())
    const [here, there] = [await enter(), await enter()]
    for (const { secret } of [here, there]) await credentials.bySignIn(secret)
    const asking = { actor: here.actor, request: 'r' }
    await expect(
      people.changePassword({ current: 'wrong', next: newPassword }, asking),
    ).rejects.toMatchObject(coded('PINLAB_SIGN_IN_FAILED'))
    await people.changePassword({ current: testPassword, next: newPassword }, asking)
    expect(await credentials.bySignIn(here.secret)).not.toBeNull()
    expect(await credentials.bySignIn(there.secret)).toBeNull()
  })

  it('do not try their current password without end either', async () => {
    const { actor, add, services } = await open()
    const asking = { actor: await actor(await add()), request: 'r' }
    const attempt = () =>
      services.people.changePassword({ current: 'wrong', next: newPassword }, asking)
    for (let n = 0; n < 5; n += 1) {
      await expect(attempt()).rejects.toMatchObject(coded('PINLAB_SIGN_IN_FAILED'))
    }
    await expect(attempt()).rejects.toMatchObject(coded('PINLAB_SIGN_IN_TOO_MANY'))
  })

  it('who change their password twice at once do so once', async () => {
    const { actor, add, services } = await open()
    const asking = { actor: await actor(await add()), request: 'r' }
    const both = await Promise.allSettled(
      ['walnut harbour eleven', 'granite willow seven'].map((next) =>
        services.people.changePassword({ current: testPassword, next }, asking),
      ),
    )
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })
})
