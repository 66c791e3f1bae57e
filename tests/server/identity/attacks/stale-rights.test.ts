// Rights that have ended, on sockets and requests that were let in with them (CVE-2026-44553, CVE-2026-44564, GHSA-g9v2-wqcj-j99g, CVE-2022-2888).

import { describe, expect, it } from 'vitest'
import { rightLostCode } from '../../../../server/contract/frame.ts'
import { useCheapHashes } from '../../../support/cheap-hashes.ts'
import { hour } from '../../../support/identity.ts'
import type { LiveClient } from '../../../support/live-client.ts'
import { connectLive, listen } from '../../../support/live-url.ts'
import { addTestPerson, type TestPerson } from '../../../support/people.ts'
import { browserOf, type TestBrowser } from '../../../support/test-browser.ts'
import { sharedLab } from '../../../support/test-lab.ts'

useCheapHashes()
const lab = sharedLab()

async function socketOf({ cookie }: TestBrowser): Promise<LiveClient> {
  const origin = `http://${await listen(lab())}`
  const client = await connectLive(lab(), { headers: { cookie, origin } })
  await client.message('hello')
  return client
}

async function change({ id }: TestPerson, to: object) {
  const etag = String((await lab().get(`/users/${id}`)).headers.etag)
  const answer = await lab().send('PATCH', `/users/${id}`, to, { 'if-match': etag })
  expect(answer.status).toBe(200)
}

/** The socket is closed though its client does nothing and no time passes but the second of the sweep. */
async function expectClosed(client: LiveClient) {
  await lab().clock.advance(1000)
  expect((await client.end()).code).toBe(rightLostCode)
}

describe('an open socket is closed', () => {
  it.each([
    ['the role is lowered', { role: 'viewer' }],
    ['the role is raised', { role: 'admin' }],
    ['the person is disabled', { disabled: true }],
  ])('when %s, by cookie and by token', async (_, to) => {
    const person = await addTestPerson(lab().database, 'operator')
    const byToken = await connectLive(lab(), person)
    const byCookie = await socketOf(await browserOf(lab().app, person))
    await change(person, to)
    await expectClosed(byToken)
    await expectClosed(byCookie)
  })

  it('when its browser signs out, and not that of another browser of the person', async () => {
    const person = await addTestPerson(lab().database, 'operator')
    const [here, there] = [await browserOf(lab().app, person), await browserOf(lab().app, person)]
    const [mine, other] = [await socketOf(here), await socketOf(there)]
    expect((await here.send('POST', '/logout', {})).status).toBe(204)
    await expectClosed(mine)
    await other.settled()
    expect(other.closed).toBeNull()
    other.socket.close()
  })

  it('when its sign-in is ended from elsewhere, and when the password is changed', async () => {
    const person = await addTestPerson(lab().database, 'operator')
    const [here, there] = [await browserOf(lab().app, person), await browserOf(lab().app, person)]
    const first = await socketOf(there)
    const { body } = await here.send<{ items: { id: string; isThis: boolean }[] }>(
      'GET',
      '/me/sessions',
    )
    const id = body.items.find(({ isThis }) => !isThis)?.id
    await here.send('DELETE', `/me/sessions/${id}`)
    await expectClosed(first)

    const second = await socketOf(await browserOf(lab().app, person))
    const passwords = { current: 'copper lantern fjord', next: 'walnut harbour eleven' }
    expect((await here.send('PUT', '/me/password', passwords)).status).toBe(204)
    await expectClosed(second)
  })

  it('when its token is revoked, and when the token runs out', async () => {
    const person = await addTestPerson(lab().database, 'operator')
    const browser = await browserOf(lab().app, person)
    const make = async () => {
      const wanted = { name: 'x', scopes: ['read'], days: 1 }
      return (await browser.send<{ id: string; token: string }>('POST', '/me/tokens', wanted)).body
    }
    const [revoked, expiring] = [await make(), await make()]
    const [first, second] = [await connectLive(lab(), revoked), await connectLive(lab(), expiring)]
    await browser.send('DELETE', `/me/tokens/${revoked.id}`)
    await expectClosed(first)
    await lab().clock.advance(24 * hour)
    await expectClosed(second)
  })

  it('when nobody used its sign-in for twelve hours, though the socket was busy', async () => {
    const browser = await browserOf(lab().app, await addTestPerson(lab().database, 'operator'))
    const client = await socketOf(browser)
    await lab().clock.advance(12 * hour - 1000)
    await client.settled()
    expect(client.closed).toBeNull()
    await expectClosed(client)
    expect((await browser.send('GET', '/me')).status).toBe(401)
  })

  it('when its sign-in is seven days old, though it was used all the while', async () => {
    const browser = await browserOf(lab().app, await addTestPerson(lab().database, 'operator'))
    const client = await socketOf(browser)
    for (let hours = 8; hours < 7 * 24; hours += 8) {
      await lab().clock.advance(8 * hour)
      expect((await browser.send('GET', '/me')).status).toBe(200)
      expect(client.closed).toBeNull()
    }
    await lab().clock.advance(8 * hour)
    await expectClosed(client)
  })
})

describe('a request', () => {
  it('of a disabled person is refused, by cookie and by token, and so is signing in', async () => {
    const person = await addTestPerson(lab().database, 'operator')
    const browser = await browserOf(lab().app, person)
    const me = () => lab().as(person).get('/me')
    expect((await me()).status).toBe(200)
    await change(person, { disabled: true })
    expect((await me()).body.code).toBe('PINLAB_SIGN_IN_REQUIRED')
    expect((await browser.send('GET', '/me')).body.code).toBe('PINLAB_SIGN_IN_REQUIRED')
    expect((await browser.signIn(person)).body.code).toBe('PINLAB_SIGN_IN_FAILED')
    await expect(connectLive(lab(), person)).rejects.toThrow('401')
    await change(person, { disabled: false })
    expect((await browser.send('GET', '/me')).status).toBe(401)
  })

  it('has the rights of now: a demoted administrator administers nothing', async () => {
    const person = await addTestPerson(lab().database, 'admin')
    const users = () => lab().as(person).get('/users')
    expect((await users()).status).toBe(200)
    await change(person, { role: 'operator' })
    expect((await users()).body.code).toBe('PINLAB_PERMISSION_DENIED')
  })
})
