// A pattern out to the board and back. The simulated board really flips bits on the way, or is overwritten by somebody else.

import { describe, expect, it } from 'vitest'
import type { Transfer, Verification } from '../../../server/contract/dma-session.ts'
import { faultyLab } from '../../support/faulty-lab.ts'

const KiB = 1024
const pair = { out: 'h2c0', in: 'c2h0', deviceAddress: '0x1000' }

describe('a pattern that goes out and comes back', () => {
  it('is compared, and recorded with its two transfers', async () => {
    const { lab, session } = await faultyLab()
    const verify = (body: object) =>
      lab.post<Verification>(`/dma-sessions/${session}/verify`, { ...pair, ...body })
    const { status, body } = await verify({ offset: 4 * KiB, byteLength: 60 * KiB })
    expect([status, body.errors]).toEqual([200, { ranges: 0, byteLength: 0, first: [] }])
    const { items } = (await lab.get<{ items: Transfer[] }>(`/dma-sessions/${session}/transfers`))
      .body
    expect(items).toEqual([body.in, body.out])
    expect(
      items.map(({ channel, state, bytesCompleted }) => [channel, state, bytesCompleted]),
    ).toEqual([
      ['c2h0', 'done', 60 * KiB],
      ['h2c0', 'done', 60 * KiB],
    ])
    const events = await lab.database.reader.auditEvent.findMany({
      where: { type: { startsWith: 'dma.verify' } },
      orderBy: { seq: 'asc' },
    })
    expect(events.map(({ payload }) => JSON.parse(payload).detail)).toMatchObject([
      { ...pair, pattern: 'prbs31', seed: 1, byteLength: 60 * KiB },
      { out: 1, in: 2, errors: { ranges: 0, byteLength: 0 } },
    ])

    for (const [code, wrong] of [
      ['PINLAB_REQUEST_RANGE', { byteLength: 64 * KiB + 1 }],
      ['PINLAB_TRANSFER_MODE', { byteLength: KiB, in: 'c2h1' }],
      ['PINLAB_TRANSFER_MODE', { byteLength: KiB, out: 'c2h0' }],
    ] as const) {
      expect((await verify(wrong)).body.code).toBe(code)
    }
    const oneWay = await lab.lock({ byteLength: 4 * KiB, direction: 'toDevice' })
    const refused = await lab.post(`/dma-sessions/${oneWay.id}/verify`, {
      ...pair,
      byteLength: KiB,
    })
    expect(refused.body.code).toBe('PINLAB_TRANSFER_DIRECTION')
  })

  it('shows where a board changed it', async () => {
    const { lab, session } = await faultyLab({ kind: 'dataFlip', channel: 'c2h0' })
    const { body } = await lab.post<Verification>(`/dma-sessions/${session}/verify`, {
      ...pair,
      byteLength: 64 * KiB,
      pattern: 'random',
      seed: 7,
    })
    expect(body.errors.ranges).toBe(1)
    const [error] = body.errors.first
    const at = error?.offset ?? -1
    const data = await lab.get(`/dma-sessions/${session}/data`)
    expect(error?.got).toBe(data.bytes.subarray(at, at + 1).toString('hex'))
    expect(error?.expected).not.toBe(error?.got)
    // The same pattern once more, to see what the byte should have been.
    await lab.post(`/dma-sessions/${session}/fill`, { pattern: 'random', seed: 7 })
    const right = await lab.get(`/dma-sessions/${session}/data`)
    expect(error?.expected).toBe(right.bytes.subarray(at, at + 1).toString('hex'))
    const [ended] = await lab.database.reader.auditEvent.findMany({
      where: { type: 'dma.verify.ended' },
    })
    expect(JSON.parse(ended?.payload ?? '').detail).toEqual({
      ...{ out: 1, in: 2, errors: { ranges: 1, byteLength: 1 }, firstErrorOffset: at },
    })
  })

  it('is not compared when it did not come back', async () => {
    const { lab, session } = await faultyLab({ kind: 'shortTransfer', channel: 'c2h0' })
    const { status, body } = await lab.post<{ transfer?: number }>(
      `/dma-sessions/${session}/verify`,
      { ...pair, byteLength: 64 * KiB },
    )
    expect([status, body.code, body.transfer]).toEqual([409, 'PINLAB_VERIFY_INCOMPLETE', 2])
  })
})
