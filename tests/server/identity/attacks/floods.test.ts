// Guessing: from one address, from all addresses of a network, behind a proxy, and at one account (CVE-2022-2822, CVE-2026-45364, CVE-2026-3635).

import { afterEach, describe, expect, it, vi } from 'vitest'
import { useCheapHashes } from '../../../support/cheap-hashes.ts'
import { addTestPerson } from '../../../support/people.ts'
import { TestBrowser } from '../../../support/test-browser.ts'
import { openLab, sharedLab, type TestLab } from '../../../support/test-lab.ts'

useCheapHashes()
const lab = sharedLab()
afterEach(() => {
  vi.useRealTimers()
})

const origin = 'https://lab.example.org'
const behindProxy = { origin, isSecure: true, trustedProxies: ['10.1.2.3'] }

/** The codes of sign-ins with ever another name, so that no account's limit is met. */
async function flood(
  { app }: TestLab,
  count: number,
  from: (n: number) => { address: string; headers?: Record<string, string> },
) {
  const codes: (string | undefined)[] = []
  for (let n = 0; n < count; n += 1) {
    const { address, headers = {} } = from(n)
    const body = { login: `guess-${address}-${n}`, password: 'wrong' }
    const answer = await new TestBrowser(app, address).send('POST', '/login', body, headers)
    codes.push(answer.body.code)
  }
  return codes
}

const failed = (count: number) => Array(count).fill('PINLAB_SIGN_IN_FAILED')
const heldUp = ['PINLAB_SIGN_IN_TOO_MANY']

describe('a flood of sign-ins', () => {
  it('from one address ends after twenty, whatever it says about itself', async () => {
    const codes = await flood(lab(), 21, (n) => ({
      address: '192.0.2.1',
      headers: { 'x-forwarded-for': `203.0.113.${n}`, forwarded: `for=203.0.113.${n}` },
    }))
    expect(codes).toEqual([...failed(20), ...heldUp])
    // The address is held up, not the lab.
    expect(await flood(lab(), 1, () => ({ address: '192.0.2.2' }))).toEqual(failed(1))
  })

  it('from ever another address of one IPv6 network ends after twenty', async () => {
    const codes = await flood(lab(), 21, (n) => ({
      address: `2001:db8:0:1:${(n * 0x357).toString(16)}::${n.toString(16)}`,
    }))
    expect(codes).toEqual([...failed(20), ...heldUp])
    expect(await flood(lab(), 1, () => ({ address: '2001:db8:0:2::1' }))).toEqual(failed(1))
  })

  it('behind a named proxy counts for the client, and for nobody that a stranger names', async () => {
    const proxied = await openLab({ network: behindProxy })
    const headers = { host: 'lab.example.org', origin }
    const codes = await flood(proxied, 21, (n) => ({
      address: '10.1.2.3',
      headers: { ...headers, 'x-forwarded-for': `198.51.100.7, 2001:db8::${n.toString(16)}` },
    }))
    expect(codes).toEqual([...failed(20), ...heldUp])
    const stranger = await flood(proxied, 21, (n) => ({
      address: '10.1.2.4',
      headers: { ...headers, 'x-forwarded-for': `203.0.113.${n}` },
    }))
    expect(stranger).toEqual([...failed(20), ...heldUp])
  })

  it('at one account from many addresses ends after five, and ends by itself', async () => {
    const ada = await addTestPerson(lab().database, 'operator')
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
    const attempt = async (n: number, password?: string) =>
      (await new TestBrowser(lab().app, `198.51.100.${n}`).signIn(ada, password)).body
    for (let n = 0; n < 5; n += 1) {
      expect((await attempt(n, 'wrong')).code).toBe('PINLAB_SIGN_IN_FAILED')
    }
    expect(await attempt(5)).toMatchObject({
      status: 429,
      code: 'PINLAB_SIGN_IN_TOO_MANY',
      retryAfterSeconds: 300,
    })
    vi.advanceTimersByTime(5 * 60_000)
    expect((await attempt(6)).id).toBe(ada.id)
  })
})
