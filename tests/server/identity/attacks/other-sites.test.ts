// Pages of other sites, whose requests carry the cookie of whoever looks at them (CVE-2023-49805, GHSA-f53g-frr2-jhpf, GHSA-q355-h244-969h).

import { beforeAll, describe, expect, it } from 'vitest'
import { useCheapHashes } from '../../../support/cheap-hashes.ts'
import { connectLive, listen } from '../../../support/live-url.ts'
import { browserOf, type TestBrowser } from '../../../support/test-browser.ts'
import { sharedLab } from '../../../support/test-lab.ts'

useCheapHashes()
const lab = sharedLab()
let browser: TestBrowser
beforeAll(async () => {
  browser = await browserOf(lab().app, lab().person)
})

const nothing = { origin: undefined, 'sec-fetch-site': undefined }
const foreign = 'https://elsewhere.example'

describe('a write with the cookie', () => {
  const write = (headers: Record<string, string | undefined>) =>
    browser.send('POST', '/me/tokens', { name: 'x', scopes: ['read'] }, { ...nothing, ...headers })

  it.each([
    ['without a word of where it comes from', {}],
    ['from another origin', { origin: foreign }],
    [
      'from another origin, said to be this site',
      { origin: foreign, 'sec-fetch-site': 'same-origin' },
    ],
    ['from a page without an origin', { origin: 'null' }],
    ['from this host on another port', { origin: 'http://127.0.0.1:8081' }],
    ['from this host by HTTPS', { origin: 'https://127.0.0.1' }],
    [
      'from a host that only begins like this one',
      { origin: 'http://127.0.0.1.elsewhere.example' },
    ],
    ['that the browser calls cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['that the browser calls same-site', { 'sec-fetch-site': 'same-site' }],
    [
      'cross-site with our own origin',
      { origin: 'http://127.0.0.1', 'sec-fetch-site': 'cross-site' },
    ],
    ['with an unknown word', { 'sec-fetch-site': 'Same-Origin, none' }],
    [
      'to another name of this machine',
      { host: 'elsewhere.example', origin: 'http://elsewhere.example' },
    ],
    ['to no name', { host: '', origin: 'http://127.0.0.1' }],
  ])('%s is refused', async (_, headers) => {
    expect((await write(headers)).body.code).toBe('PINLAB_REQUEST_ORIGIN')
  })

  it.each([
    ['by its origin', { origin: 'http://127.0.0.1' }],
    ['by the word of the browser', { 'sec-fetch-site': 'same-origin' }],
    [
      'by the origin of its host and port',
      { host: 'localhost:8080', origin: 'http://localhost:8080' },
    ],
  ])('of our own page is known %s', async (_, headers) => {
    expect((await write(headers)).status).toBe(201)
  })

  it('made nothing where it was refused', async () => {
    const { body } = await browser.send<{ items: unknown[] }>('GET', '/me/tokens')
    expect(body.items).toHaveLength(4)
  })

  it.each(['PUT', 'PATCH', 'DELETE'] as const)('by %s is one too', async (method) => {
    const answer = await browser.send(method, '/me/password', {}, { ...nothing, origin: foreign })
    expect(answer.body.code).toBe('PINLAB_REQUEST_ORIGIN')
  })
})

describe('signing in from another site', () => {
  it('is refused, so that nobody is signed in as somebody else', async () => {
    const { login } = lab().person
    const body = { login, password: 'copper lantern fjord' }
    const answer = await browser.send('POST', '/login', body, { ...nothing, origin: foreign })
    expect(answer.body.code).toBe('PINLAB_REQUEST_ORIGIN')
    expect(answer.headers['set-cookie']).toBeUndefined()
  })
})

describe('a script with a token', () => {
  it('needs no origin, but a foreign one is refused even so', async () => {
    const post = (headers: object) =>
      lab().send('POST', '/dma-sessions/01890a5d-ac96-774b-bcce-b302099a8057/unlock', {}, headers)
    expect((await post({})).body.code).toBe('PINLAB_SESSION_UNKNOWN')
    expect((await post({ origin: foreign })).body.code).toBe('PINLAB_REQUEST_ORIGIN')
  })
})

describe('a live socket', () => {
  const open = (headers: Record<string, string>) => connectLive(lab(), { headers })
  const refused = (status: number) => new RegExp(`server response: ${status}`)

  it('with the cookie needs our origin', async () => {
    const { cookie } = browser
    const host = await listen(lab())
    for (const headers of [
      { cookie },
      { cookie, origin: foreign },
      { cookie, origin: 'null' },
      { cookie, origin: `https://${host}` },
      { cookie, origin: `http://${host}.elsewhere.example` },
      { cookie, 'sec-fetch-site': 'same-origin' },
      { cookie, origin: `http://${host}`, 'sec-fetch-site': 'cross-site' },
    ]) {
      await expect(open(headers), JSON.stringify(headers)).rejects.toThrow(refused(403))
    }
    const client = await open({ cookie, origin: `http://${host}` })
    await client.message('hello')
    client.socket.close()
  })

  it('with a token may leave the origin out, but not have a foreign one', async () => {
    const authorization = `Bearer ${lab().person.token}`
    const client = await open({ authorization })
    await client.message('hello')
    client.socket.close()
    await expect(open({ authorization, origin: foreign })).rejects.toThrow(refused(403))
  })

  it('with neither is refused, and so is one at another address', async () => {
    const host = await listen(lab())
    await expect(open({ origin: `http://${host}` })).rejects.toThrow(refused(401))
    await expect(open({})).rejects.toThrow(refused(403))
  })

  it('that is refused leaves no connection behind', async () => {
    const { server } = lab().app
    const connections = () =>
      new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)))
    const own = `http://${await listen(lab())}`
    await expect.poll(connections).toBe(0)
    for (const headers of [
      {},
      { origin: foreign },
      { origin: own },
      { cookie: 'a=b', origin: own },
    ]) {
      await expect(open(headers)).rejects.toThrow('server response')
    }
    await expect.poll(connections).toBe(0)
  })
})

describe('a proxy that nobody named', () => {
  it('is not believed: neither address, nor host, nor scheme', async () => {
    const spoofed = {
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-host': 'elsewhere.example',
      'x-forwarded-proto': 'https',
      forwarded: 'for=203.0.113.9;host=elsewhere.example;proto=https',
    }
    const fresh = await browserOf(lab().app, lab().person)
    const { login } = lab().person
    const body = { login, password: 'copper lantern fjord' }
    await fresh.send('POST', '/login', body, spoofed)
    expect(fresh.setCookie).toMatch(/^pinlab=/)
    expect(fresh.setCookie).not.toMatch(/Secure/)
    const { body: list } = await fresh.send<{ items: { address: string; isThis: boolean }[] }>(
      'GET',
      '/me/sessions',
    )
    expect(list.items.find(({ isThis }) => isThis)?.address).toBe('127.0.0.1')
    const named = { ...spoofed, ...nothing, origin: 'https://elsewhere.example' }
    expect((await fresh.send('POST', '/logout', {}, named)).body.code).toBe('PINLAB_REQUEST_ORIGIN')
    const rebound = { ...spoofed, host: 'elsewhere.example', 'x-forwarded-host': '127.0.0.1' }
    expect((await fresh.send('GET', '/me', undefined, rebound)).body.code).toBe(
      'PINLAB_REQUEST_ORIGIN',
    )
  })
})
