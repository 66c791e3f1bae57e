import { describe, expect, it } from 'vitest'
import { openLab } from '../support/test-lab.ts'

const MiB = 1024 * 1024
const nobody = '01890a5d-ac96-774b-bcce-b302099a8057'

describe('what does not exist', () => {
  it.each([
    ['GET', '/boards/sim9', 'PINLAB_BOARD_UNKNOWN'],
    ['POST', '/boards/sim9/lease', 'PINLAB_BOARD_UNKNOWN'],
    ['POST', `/leases/${nobody}/release`, 'PINLAB_LEASE_UNKNOWN'],
    ['GET', `/dma-sessions/${nobody}`, 'PINLAB_SESSION_UNKNOWN'],
    ['POST', `/dma-sessions/${nobody}/unlock`, 'PINLAB_SESSION_UNKNOWN'],
    ['GET', `/dma-sessions/${nobody}/data`, 'PINLAB_SESSION_UNKNOWN'],
    ['GET', `/dma-sessions/${nobody}/transfers/1`, 'PINLAB_SESSION_UNKNOWN'],
    ['GET', '/dma-sessions/run-7', 'PINLAB_REQUEST_INVALID'],
    ['GET', '/nowhere', 'PINLAB_ROUTE_UNKNOWN'],
  ] as const)('%s %s has its code', async (method, url, code) => {
    const lab = await openLab()
    const { body, status } = await lab.send(method, url, method === 'POST' ? {} : undefined)
    expect([body.code, status >= 400 && status < 500]).toEqual([code, true])
  })
})

describe('a body that cannot be read', () => {
  const json = { 'content-type': 'application/json' }

  it.each([
    ['half of one', '{"kind":', json, 'PINLAB_REQUEST_MALFORMED'],
    ['none', '', json, 'PINLAB_REQUEST_MALFORMED'],
    [
      'a form',
      'kind=x',
      { 'content-type': 'application/x-www-form-urlencoded' },
      'PINLAB_REQUEST_MEDIA_TYPE',
    ],
    ['a list', '[]', json, 'PINLAB_REQUEST_INVALID'],
    ['a very long one', `{"label":"${'x'.repeat(2 * MiB)}"}`, json, 'PINLAB_REQUEST_TOO_LARGE'],
  ])('%s is refused with its code', async (_, body, headers, code) => {
    const lab = await openLab()
    const answer = await lab.send('POST', '/boards/sim0/locks', body, headers)
    expect(answer.body.code).toBe(code)
  })

  it('is one from another site', async () => {
    const lab = await openLab()
    const foreign = await lab.send(
      'POST',
      '/boards/sim0/lease',
      {},
      { origin: 'https://elsewhere.example' },
    )
    expect(foreign.body.code).toBe('PINLAB_REQUEST_ORIGIN')
    const rebound = await lab.get('/boards', { host: 'elsewhere.example' })
    expect(rebound.body.code).toBe('PINLAB_REQUEST_ORIGIN')
    expect(
      (await lab.send('POST', '/boards/sim0/lease', {}, { origin: 'http://127.0.0.1' })).status,
    ).toBe(201)
  })
})
