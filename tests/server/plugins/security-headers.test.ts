import { describe, expect, it } from 'vitest'
import { openLab, sharedLab, type TestLab } from '../../support/test-lab.ts'

const lab = sharedLab()

async function headersOf({ app }: TestLab, url: string, host = '127.0.0.1') {
  return (await app.inject({ url, headers: { host, accept: 'text/html' } })).headers
}

function policyOf(headers: Awaited<ReturnType<typeof headersOf>>): Record<string, string[]> {
  const policy = String(headers['content-security-policy'])
  return Object.fromEntries(
    policy
      .split(';')
      .map((directive) => directive.trim().split(/\s+/))
      .map(([name = '', ...sources]) => [name, sources]),
  )
}

describe('the headers', () => {
  it.each([
    ['a page', '/'],
    ['a page within the application', '/bench/sim0'],
    ['the description of the API', '/api/docs/'],
    ['an answer', '/api/v1/health'],
    ['a refusal', '/api/v1/boards'],
    ['an address of nothing', '/api/v1/nowhere'],
  ])('of %s keep scripts of others, frames and guesses out', async (_, url) => {
    const headers = await headersOf(lab(), url)
    const policy = policyOf(headers)
    expect(policy['default-src']).toEqual(["'self'"])
    expect(policy['script-src']).toEqual(["'self'"])
    expect(policy['style-src']).toEqual(["'self'"])
    expect(policy['frame-ancestors']).toEqual(["'none'"])
    expect(policy['object-src']).toEqual(["'none'"])
    expect(policy['base-uri']).toEqual(["'none'"])
    expect(policy['form-action']).toEqual(["'self'"])
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(headers['strict-transport-security']).toBeUndefined()
    expect(headers['x-powered-by']).toBeUndefined()
    expect(headers['access-control-allow-origin']).toBeUndefined()
  })

  it('promise HTTPS only where browsers come by it', async () => {
    const origin = 'https://lab.example.org'
    const secure = await openLab({ network: { origin, isSecure: true } })
    const headers = await headersOf(secure, '/api/v1/health', 'lab.example.org')
    expect(headers['strict-transport-security']).toMatch(/^max-age=\d{8,}/)
  })

  it('let nobody keep the bytes of a lock', async () => {
    await lab().take()
    const { id } = await lab().lock({ byteLength: 4096 })
    const { headers } = await lab().get(`/dma-sessions/${id}/data`)
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-disposition': expect.stringMatching(/^attachment/),
    })
  })
})
