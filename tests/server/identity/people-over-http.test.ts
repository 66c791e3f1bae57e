import { describe, expect, it } from 'vitest'
import type { Person } from '../../../server/contract/identity.ts'
import { useCheapHashes } from '../../support/cheap-hashes.ts'
import { addTestPerson } from '../../support/people.ts'
import { browserOf, TestBrowser } from '../../support/test-browser.ts'
import { openLab, sharedLab } from '../../support/test-lab.ts'

useCheapHashes()
const shared = sharedLab()

describe('the cookie', () => {
  it('is HttpOnly, SameSite=Strict and for the whole server; plain on plain HTTP', async () => {
    const lab = shared()
    const browser = await browserOf(lab.app, lab.person)
    expect(browser.setCookie.split('; ').slice(1).sort()).toEqual([
      'HttpOnly',
      'Path=/',
      'SameSite=Strict',
    ])
    expect(browser.setCookie).toMatch(/^pinlab=[\w-]{43};/)
  })

  it('is __Host- and Secure where browsers come by HTTPS, and another name is not read', async () => {
    const origin = 'https://lab.example.org'
    const lab = await openLab({ network: { origin, isSecure: true } })
    const headers = { host: 'lab.example.org', origin }
    const browser = new TestBrowser(lab.app)
    const { login } = lab.person
    const password = 'copper lantern fjord'
    await browser.send('POST', '/login', { login, password }, headers)
    expect(browser.setCookie.split('; ').slice(1).sort()).toEqual([
      'HttpOnly',
      'Path=/',
      'SameSite=Strict',
      'Secure',
    ])
    expect(browser.setCookie).toMatch(/^__Host-pinlab=[\w-]{43};/)
    expect((await browser.send('GET', '/me', undefined, headers)).status).toBe(200)
    const cookie = browser.cookie.replace('__Host-', '')
    expect((await browser.send('GET', '/me', undefined, { ...headers, cookie })).status).toBe(401)
  })

  it('is a new one at each sign-in, whatever the browser had, and is cleared at the end', async () => {
    const lab = shared()
    const browser = new TestBrowser(lab.app)
    browser.cookie = `pinlab=${'A'.repeat(43)}`
    const planted = browser.cookie
    await browser.signIn(lab.person)
    const first = browser.cookie
    await browser.signIn(lab.person)
    expect(new Set([planted, first, browser.cookie]).size).toBe(3)
    const last = browser.cookie
    expect((await browser.send('POST', '/logout', {})).status).toBe(204)
    expect(browser.setCookie).toMatch(/^pinlab=; Max-Age=0; Path=\//)
    expect((await browser.send('GET', '/me', undefined, { cookie: last })).status).toBe(401)
  })
})

describe('PATCH of a person', () => {
  it('needs If-Match with the version that was seen', async () => {
    const lab = shared()
    const ben = await addTestPerson(lab.database, 'viewer')
    const url = `/users/${ben.id}`
    const patch = (ifMatch?: string) =>
      lab.send<Person>('PATCH', url, { name: 'Ben' }, ifMatch ? { 'if-match': ifMatch } : {})
    expect((await lab.get(url)).headers.etag).toBe('"1"')
    expect((await patch()).body).toMatchObject({ status: 428, code: 'PINLAB_REQUEST_PRECONDITION' })
    for (const wrong of ['"2"', '1', '*', 'W/"1"', '"1", "2"', '"-1"', '"1e0"']) {
      expect((await patch(wrong)).body).toMatchObject({ status: 412, code: 'PINLAB_REQUEST_STALE' })
    }
    const done = await patch('"1"')
    expect([done.status, done.headers.etag, done.body.name]).toEqual([200, '"2"', 'Ben'])
  })
})

describe('a token', () => {
  it('cannot make another, change the password or sign browsers out, whatever its scopes', async () => {
    const lab = shared()
    const browser = await browserOf(lab.app, lab.person)
    const { body: me } = await browser.send<{ signIn: string }>('GET', '/me')
    const tries = [
      lab.post('/me/tokens', { name: 'another', scopes: ['admin'] }),
      lab.send('PUT', '/me/password', { current: 'x', next: 'walnut harbour eleven' }),
      lab.send('DELETE', `/me/sessions/${me.signIn}`),
      lab.send('DELETE', `/me/tokens/${lab.person.tokenId}`),
      lab.get('/me/sessions'),
    ]
    for (const { body } of await Promise.all(tries)) {
      expect(body.code).toBe('PINLAB_PERMISSION_DENIED')
    }
  })

  it('counts, whatever cookie comes with it', async () => {
    const lab = shared()
    const viewer = await addTestPerson(lab.database, 'viewer')
    const admin = await browserOf(lab.app, lab.person)
    const authorization = `Bearer ${viewer.token}`
    const { body } = await admin.send<{ role: string }>('GET', '/me', undefined, { authorization })
    expect(body.role).toBe('viewer')
    const wrong = { authorization: 'Bearer nothing' }
    expect((await admin.send('GET', '/me', undefined, wrong)).status).toBe(401)
    expect(
      (await admin.send('GET', '/me', undefined, { authorization: 'Basic YTpi' })).status,
    ).toBe(401)
  })
})
