// A board that fails on purpose, through the whole server: each fault has its status, and none leaves anything behind.

import { describe, expect, it } from 'vitest'
import type { Transfer } from '../../../server/contract/dma-session.ts'
import type { BoardDetail } from '../../../server/contract/overview.ts'
import {
  byteLength,
  eventually,
  faultEvents,
  faultyLab,
  giveBack,
  run,
  statusOf,
  watchForUnhandled,
} from '../../support/faulty-lab.ts'
import { lockedKiB, recordingData } from '../../support/test-lab.ts'

describe.each(['h2c0', 'h2c1', 'c2h0', 'c2h1'])('on %s', (channel) => {
  it('a stalled engine is stopped by a reset of the board, and the bench says so', async () => {
    watchForUnhandled()
    const faulty = await faultyLab({ kind: 'stall', channel })
    const { lab, session } = faulty
    await lab.start(session, { channel, byteLength })
    const { body } = await lab.post<Transfer>(`/dma-sessions/${session}/transfers/1/stop`)
    expect(body).toMatchObject({ state: 'stopped', bytesCompleted: 0, failure: null })
    const where = { channel, nearestSession: null }
    const stall = { kind: 'stall', ...where, count: 1, detail: expect.any(String) }
    const { faults, state } = await eventually(
      () => statusOf(lab),
      (now) => now.faults.length > 0,
    )
    expect([state, faults]).toEqual([
      'leased',
      [{ ...stall, address: null, at: expect.any(String), lastAt: expect.any(String) }],
    ])
    expect(
      await eventually(
        () => faultEvents(lab),
        (all) => all.length > 0,
      ),
    ).toEqual([stall])
    expect((await giveBack(faulty)).state).toBe('ready')
  })

  it('a lost link fails the transfer, takes the board out of use, and lets go of the memory', async () => {
    watchForUnhandled()
    const faulty = await faultyLab({ kind: 'linkLost', channel })
    const { lab, session, lease } = faulty
    const transfer = await run(faulty, { channel })
    expect(transfer).toMatchObject({
      state: 'failed',
      bytesCompleted: 0,
      overruns: 0,
      failure: { code: 'PINLAB_BOARD_LINK_LOST' },
    })
    const offline = await eventually(
      () => statusOf(lab),
      ({ state }) => state === 'offline',
    )
    expect(offline).toMatchObject({
      stateReason: expect.stringContaining('does not answer'),
      faults: [{ kind: 'linkLost', channel }],
      lease: { id: lease.id },
    })
    // What is in the memory is still shown as what it is.
    const { body: board } = await lab.get<BoardDetail>('/boards/sim0')
    expect(board.sampleFormat).toMatchObject({ channel: 'c2h1', format: 'i16le', channels: 2 })
    const again = await lab.post(`/dma-sessions/${session}/transfers`, {
      channel,
      mode: 'once',
      byteLength,
    })
    expect([again.status, again.body.code]).toEqual([502, 'PINLAB_BOARD_LINK_LOST'])
    const operations = [{ op: 'read', register: 'ADC_RATE' }]
    const read = await lab.post('/boards/sim0/register-operations', { operations })
    expect(read.body.code).toBe('PINLAB_BOARD_LINK_LOST')
    const after = await giveBack(faulty)
    expect(after).toMatchObject({
      state: 'quarantined',
      stateReason: expect.stringContaining('does not answer'),
      health: { ok: false },
      faults: [{ kind: 'linkLost' }],
    })
    expect((await lab.post('/boards/sim0/lease')).body.code).toBe('PINLAB_BOARD_NOT_READY')
    expect(await faultEvents(lab)).toHaveLength(1)
  })

  it('a late completion is done', async () => {
    const faulty = await faultyLab({ kind: 'lateCompletion', channel, delayMs: 30 })
    expect(await run(faulty, { channel })).toMatchObject({
      state: 'done',
      bytesCompleted: byteLength,
    })
    expect(await giveBack(faulty)).toMatchObject({ state: 'ready', faults: [] })
  })

  it('a lost interrupt is made up for by the poll', async () => {
    const faulty = await faultyLab({ kind: 'lostInterrupt', channel, count: 100 })
    expect(await run(faulty, { channel })).toMatchObject({
      state: 'done',
      bytesCompleted: byteLength,
    })
    expect((await giveBack(faulty)).state).toBe('ready')
  })
})

describe('a stall', () => {
  it('that nobody stops runs into the time limit', async () => {
    const faulty = await faultyLab({ kind: 'stall', channel: 'c2h1' })
    expect(await run(faulty, { channel: 'c2h1', timeoutMs: 20 })).toMatchObject({
      state: 'failed',
      failure: { code: 'PINLAB_TRANSFER_TIME_OUT', wdStatus: 'WD_TIME_OUT_EXPIRED' },
    })
    expect((await giveBack(faulty)).state).toBe('ready')
  })

  it('at the end of the lease holds nothing up', async () => {
    const { lab, lease, lockedBefore, session } = await faultyLab({
      kind: 'stall',
      channel: 'c2h1',
    })
    await lab.start(session, { channel: 'c2h1', byteLength, mode: 'cyclic' })
    await lab.post(`/leases/${lease.id}/release`)
    const status = await eventually(
      () => statusOf(lab),
      (now) => now.lease === null,
    )
    expect([status.state, lockedKiB()]).toEqual(['ready', lockedBefore])
  })
})

describe('a short transfer', () => {
  it.each(['h2c0', 'h2c1', 'c2h0'])(
    'of %s fails and counts only what is whole',
    async (channel) => {
      const faulty = await faultyLab({ kind: 'shortTransfer', channel })
      expect(await run(faulty, { channel })).toMatchObject({
        state: 'failed',
        bytesCompleted: 0,
        failure: { code: 'PINLAB_BOARD_FAULT' },
      })
      const { faults } = await eventually(
        () => statusOf(faulty.lab),
        (now) => now.faults.length > 0,
      )
      expect(faults).toMatchObject([{ kind: 'short', channel }])
      expect((await giveBack(faulty)).state).toBe('ready')
    },
  )

  it('of a stream is as long as its results say', async () => {
    const faulty = await faultyLab({ kind: 'shortTransfer', channel: 'c2h1' })
    expect(await run(faulty, { channel: 'c2h1' })).toMatchObject({
      state: 'done',
      bytesCompleted: byteLength / 2,
    })
    expect((await giveBack(faulty)).state).toBe('ready')
  })
})

describe('an access that the IOMMU refuses', () => {
  it.each(['h2c0', 'h2c1'])('fails the transfer when %s reads', async (channel) => {
    const faulty = await faultyLab({ kind: 'iommuFault', channel })
    expect(await run(faulty, { channel })).toMatchObject({
      state: 'failed',
      failure: { code: 'PINLAB_BOARD_FAULT' },
    })
    const { faults } = await eventually(
      () => statusOf(faulty.lab),
      (now) => now.faults.length > 1,
    )
    expect(faults.map(({ kind }) => kind).sort()).toEqual(['engine', 'iommu'])
    expect((await giveBack(faulty)).state).toBe('ready')
  })

  it.each(['c2h0', 'c2h1'])(
    'is reported when %s writes, which the engine never learns',
    async (channel) => {
      const faulty = await faultyLab({ kind: 'iommuFault', channel })
      expect(await run(faulty, { channel })).toMatchObject({ state: 'done', refusedAccesses: 1 })
      const { faults } = await eventually(
        () => statusOf(faulty.lab),
        (now) => now.faults.length > 0,
      )
      expect(faults).toEqual([
        {
          kind: 'iommu',
          channel,
          address: expect.stringMatching(/^0x[0-9a-f]+$/),
          nearestSession: faulty.session,
          at: expect.any(String),
          lastAt: expect.any(String),
          count: 1,
          detail: expect.stringContaining('is not locked'),
        },
      ])
      const events = await eventually(
        () => faultEvents(faulty.lab),
        (all) => all.length > 0,
      )
      expect(events).toMatchObject([{ kind: 'iommu', channel, nearestSession: faulty.session }])
      // Who may not know addresses reads the same event.
      expect(JSON.stringify(events)).not.toContain('0x')
      const kept = await faulty.lab.database.reader.auditPart.findMany({
        where: { kind: 'addresses', text: { contains: faults[0]?.address ?? 'none' } },
      })
      expect(kept).toHaveLength(1)
      expect((await giveBack(faulty)).state).toBe('ready')
    },
  )

  it('is one line that counts, however often, and the transfers say how many each lost', async () => {
    const faulty = await faultyLab({ kind: 'iommuFault', channel: 'c2h0', count: 40 })
    const { lab, session } = faulty
    let refused = 0
    for (let n = 1; n <= 3; n++) {
      await lab.start(session, { channel: 'c2h0', byteLength })
      const { body } = await lab.get<Transfer>(
        `/dma-sessions/${session}/transfers/${n}?waitSeconds=30`,
      )
      expect(body.refusedAccesses).toBeGreaterThan(0)
      refused += body.refusedAccesses
    }
    const { faults } = await statusOf(lab)
    expect(faults).toMatchObject([{ kind: 'iommu', channel: 'c2h0', count: refused }])
    await giveBack(faulty)
  })
})

describe('the faults of a board', () => {
  it('are the newest sixteen, and not shown to the next lease', async () => {
    const { lab, lease, session } = await faultyLab({
      kind: 'shortTransfer',
      channel: 'c2h0',
      count: 40,
    })
    for (let n = 1; n <= 20; n++) {
      await lab.start(session, { channel: 'c2h0', byteLength })
      await lab.get(`/dma-sessions/${session}/transfers/${n}?waitSeconds=30`)
    }
    const { faults } = await eventually(
      () => statusOf(lab),
      (now) => now.faults.length >= 16,
    )
    expect(faults).toHaveLength(16)
    await lab.post(`/leases/${lease.id}/release`)
    await eventually(
      () => statusOf(lab),
      ({ state }) => state === 'ready',
    )
    await lab.clock.advance(1000)
    await lab.take()
    expect((await statusOf(lab)).faults).toEqual([])
  })
})

describe('a flipped bit', () => {
  it('is found by who compares the bytes, and only there', async () => {
    const faulty = await faultyLab({ kind: 'dataFlip', channel: 'c2h1' })
    expect(await run(faulty, { channel: 'c2h1' })).toMatchObject({ state: 'done' })
    const { bytes } = await faulty.lab.get(`/dma-sessions/${faulty.session}/data`)
    const expected = Buffer.from(recordingData().subarray(0, byteLength))
    expect(bytes[0]).toBe((expected[0] ?? 0) ^ 0x80)
    expect(Buffer.compare(bytes.subarray(1), expected.subarray(1))).toBe(0)
    expect((await giveBack(faulty)).faults).toEqual([])
  })
})
