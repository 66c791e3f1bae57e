import { describe, expect, it } from 'vitest'
import type { BoardFault, Register } from '../../server/contract/board.ts'
import type { DmaSession, Transfer } from '../../server/contract/dma-session.ts'
import type { FrameHeader } from '../../server/contract/frame.ts'
import type { Lease } from '../../server/contract/lease.ts'
import {
  currentBlock,
  laneDetail,
  laneLoss,
  laneProgress,
} from '../../web/views/dma/bench/channels/lane-words.ts'
import { coherence } from '../../web/views/dma/bench/coherence.ts'
import { faultLines } from '../../web/views/dma/bench/fault-lines.ts'
import { leaseLog } from '../../web/views/dma/bench/lease/lease-log.ts'
import {
  decode,
  formatValue,
  groupByBar,
  safeToRead,
} from '../../web/views/dma/bench/registers/register-fields.ts'

const ring: Transfer = {
  n: 1,
  state: 'running',
  channel: 'c2h1',
  mode: 'cyclic',
  offset: 0,
  byteLength: 1_048_576,
  deviceAddress: null,
  blockByteLength: 65_536,
  bytesCompleted: 10 * 65_536,
  blocksCompleted: 10,
  overruns: 0,
  refusedAccesses: 0,
  startedAt: '2027-01-11T14:00:01.000Z',
  endedAt: null,
  failure: null,
}

describe('a lane', () => {
  it('says which block of the ring is being filled', () => {
    expect(currentBlock(ring)).toEqual({ block: 11, of: 16 })
    expect(currentBlock({ ...ring, blocksCompleted: 16 })).toEqual({ block: 1, of: 16 })
    expect(laneDetail(ring)).toBe('block 11 of 16 · 10 done · no overrun')
    expect(laneDetail(ring, 300)).toMatch(/ · last just now$/)
    expect(laneDetail(ring, 12_000)).toMatch(/ · last 12 s ago$/)
  })

  it('counts overruns', () => {
    expect(laneDetail({ ...ring, overruns: 1 })).toContain('1 overrun')
    expect(laneDetail({ ...ring, overruns: 2 })).toContain('2 overruns')
  })

  it('says what is not in the buffer', () => {
    expect(laneLoss(ring)).toBe('')
    expect(laneLoss({ ...ring, refusedAccesses: 1 })).toBe('1 access refused')
    expect(laneLoss({ ...ring, overruns: 2, refusedAccesses: 30 })).toBe(
      'data was lost · 30 accesses refused',
    )
  })

  it('shows how far this round is, and a whole round as whole', () => {
    expect(laneProgress(ring)).toBeCloseTo(10 / 16)
    expect(laneProgress({ ...ring, bytesCompleted: 3 * ring.byteLength })).toBe(1)
    expect(laneProgress({ ...ring, bytesCompleted: 0 })).toBe(0)
  })

  it('says how a transfer ended and how long it took', () => {
    const done = { ...ring, mode: 'once' as const, blockByteLength: null, state: 'done' as const }
    expect(
      laneDetail({ ...done, bytesCompleted: 1_048_576, endedAt: '2027-01-11T14:00:01.007Z' }),
    ).toBe('done, 1 MiB in 7 ms')
  })
})

describe('a frame', () => {
  const capturedAt = Date.parse(ring.startedAt) + 1000
  const header = { offset: 11 * 65_536, capturedAt } as FrameHeader

  it('names the block it shows', () => {
    expect(coherence(header, false, ring)).toBe('coherent · block 12 of 16')
    expect(coherence(header, true, ring)).toBe('may be torn · block 12 of 16')
  })

  it('names no block when it is older than the transfer', () => {
    expect(coherence({ ...header, capturedAt: 0 }, false, ring)).toBe('coherent')
  })

  it('names no block where the ring is elsewhere', () => {
    expect(coherence({ ...header, offset: 2_000_000 }, false, ring)).toBe('coherent')
    expect(coherence(header, false, null)).toBe('coherent')
  })
})

describe('the log of a lease', () => {
  const lease = {
    by: 'ada',
    startedAt: '2027-01-11T14:00:00.000Z',
    endsAt: '2027-01-11T14:30:00.000Z',
  } as Lease & { by: string }
  const session = {
    ...{ id: '0123456789ab', label: 'run 7', state: 'ended', pageCount: 23 },
    ...{ requestedAt: '2027-01-11T14:00:00.400Z', lockedAt: '2027-01-11T14:00:00.500Z' },
    ...{ endedAt: '2027-01-11T14:00:09.000Z', endReason: 'board-fault', failure: null },
  } as DmaSession

  it('is newest first, from taking control to the last event', () => {
    const texts = leaseLog(lease, [session], [{ transfer: ring }]).map(({ text }) => text)
    expect(texts).toEqual([
      'unlocked run 7: the board reported a fault',
      'c2h1 started, cyclic, 16 blocks',
      'locked run 7, 23 pages',
      expect.stringMatching(/^ada took control until \d\d:\d\d$/),
    ])
  })

  it('marks what went wrong', () => {
    const bad = leaseLog(lease, [session], []).filter((line) => line.bad)
    expect(bad).toHaveLength(1)
  })
})

describe('the faults of a board', () => {
  const fault = (kind: BoardFault['kind'], channel: string | null = 'c2h1'): BoardFault => ({
    kind,
    channel,
    at: '2027-01-11T14:00:01.000Z',
    lastAt: '2027-01-11T14:00:01.000Z',
    count: 1,
    address: null,
    nearestSession: null,
    detail: `${kind} happened`,
  })

  it('say what happened, where, and once for each kind what to do', () => {
    const lines = faultLines([fault('iommu'), fault('linkLost', null), fault('iommu')], [])
    expect(lines.map(({ detail, where }) => detail + where)).toEqual([
      'iommu happened · c2h1',
      'linkLost happened',
      'iommu happened · c2h1',
    ])
    expect(lines.map(({ advice }) => advice !== '')).toEqual([true, true, false])
  })

  it('say at which address', () => {
    const [line] = faultLines([{ ...fault('iommu'), address: '0x1000' }], [])
    expect(line?.detail).toBe('iommu happened At 0x1000.')
  })

  it('count what came again and again', () => {
    const [line] = faultLines(
      [{ ...fault('iommu'), count: 1200, lastAt: '2027-01-11T14:00:09.000Z' }],
      [],
    )
    expect(line?.title).toBe('Access refused 1,200 times')
    expect(line?.detail).toBe('First: iommu happened')
    expect(line?.at).toBe('2027-01-11T14:00:09.000Z')
  })

  it('name the lock that a refused access was nearest to', () => {
    const near = (nearestSession: string) => ({ ...fault('iommu'), nearestSession })
    const sessions = [
      { id: 'a', label: 'run 7', state: 'locked' as const },
      { id: 'b', label: 'run 6', state: 'ended' as const },
    ]
    const lines = faultLines([near('a'), near('b'), near('c')], sessions)
    expect(lines.map(({ detail }) => detail)).toEqual([
      'iommu happened Nearest is run 7.',
      'iommu happened Nearest is a lock that has ended.',
      'iommu happened Nearest is a lock that has ended.',
    ])
  })

  it('are the newest five at most', () => {
    expect(faultLines(Array(16).fill(fault('stall')), [])).toHaveLength(5)
  })
})

describe('registers', () => {
  const control = {
    ...{ name: 'ADC_CTRL', barIndex: 0, offset: 0x10, width: 32, access: 'readWrite' },
    ...{ changesWhenRead: false, ownedByDriver: false, description: '' },
    fields: [
      { name: 'enable', bits: [0, 0], description: '' },
      { name: 'source', bits: [11, 8], description: '', values: { 1: 'recording' } },
    ],
  } as Register

  it('are decoded by their fields', () => {
    expect(decode(control, 0x103n)).toBe('enable 1 · source recording')
    expect(decode(control, 0x200n)).toBe('enable 0 · source 2')
    expect(decode({ ...control, fields: [], unit: 'Hz' }, 1_000_000n)).toBe('1,000,000 Hz')
    expect(formatValue(0x103n, 32)).toBe('0x00000103')
  })

  it('are never read in passing when reading changes them, or when they are the driver’s', () => {
    expect(safeToRead(control)).toBe(true)
    expect(safeToRead({ ...control, changesWhenRead: true })).toBe(false)
    expect(safeToRead({ ...control, ownedByDriver: true })).toBe(false)
    expect(safeToRead({ ...control, access: 'write' })).toBe(false)
  })

  it('are grouped by BAR, in the order of their offsets', () => {
    const groups = groupByBar([
      { ...control, offset: 8 },
      { ...control, barIndex: 1 },
      { ...control, offset: 4 },
    ])
    expect(
      groups.map(({ barIndex, registers }) => [barIndex, registers.map(({ offset }) => offset)]),
    ).toEqual([
      [0, [4, 8]],
      [1, [16]],
    ])
  })
})
