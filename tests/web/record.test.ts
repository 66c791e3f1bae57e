// The record on its screen: a session as a picture, events in words, what is proven, use as lines.

import { describe, expect, it } from 'vitest'
import type { AuditEventEntry, CheckpointStatus } from '../../server/contract/audit.ts'
import type { Usage } from '../../server/contract/usage.ts'
import { eventWords, isBad } from '../../web/views/dma/sessions/event-words.ts'
import {
  fingerprintOf,
  recordSign,
  sessionSign,
} from '../../web/views/dma/sessions/proof/proof-words.ts'
import { ticksOf, timelineOf } from '../../web/views/dma/sessions/timeline/timeline.ts'
import { seriesOf, totalsOf } from '../../web/views/dma/sessions/use/usage-series.ts'

const begin = Date.parse('2027-01-11T14:00:00Z')
const iso = (ms: number) => new Date(begin + ms).toISOString()
let seq = 0
const event = (type: string, ms: number, detail: Record<string, unknown> = {}) =>
  ({ seq: ++seq, at: iso(ms), type, detail, actor: 'system', actorName: null }) as AuditEventEntry

describe('a timeline', () => {
  const session = { requestedAt: iso(0), lockedAt: iso(100), endedAt: iso(1000) }

  it('has the lock, a lane for each channel, and marks, as shares of the session', () => {
    const { lanes, marks, length } = timelineOf(
      session,
      [
        event('dma.transfer.requested', 200, { n: 1, channel: 'c2h1', mode: 'once' }),
        event('dma.transfer.ended', 420, {
          ...{ n: 1, channel: 'c2h1', state: 'done', bytesCompleted: 4096 },
          ...{ startedAt: begin + 250, endedAt: begin + 400 },
        }),
        event('dma.data.written', 500, { offset: 0, byteLength: 16 }),
        event('dma.transfer.requested', 600, { n: 2, channel: 'h2c0', mode: 'cyclic' }),
        event('board.step', 900, { step: 'stopping' }),
      ],
      begin + 5000,
    )
    expect(length).toBe(1000)
    expect(lanes.map(({ name }) => name)).toEqual(['lock', 'c2h1', 'h2c0'])
    expect(lanes[1]?.bars).toEqual([
      {
        start: 0.25,
        length: expect.closeTo(0.15),
        state: 'done',
        words: 'no. 1 done, 4 KiB, 150 ms',
      },
    ])
    expect(lanes[2]?.bars[0]).toMatchObject({ start: 0.6, state: 'running' })
    expect(marks.map(({ at, kind }) => [at, kind])).toEqual([
      [0.5, 'data'],
      [0.9, 'step'],
    ])
  })

  it('draws nothing outside, and survives a transfer that was never started', () => {
    const ended = event('dma.transfer.ended', 2000, { n: 3, channel: 'c2h0', state: 'failed' })
    const { lanes } = timelineOf(session, [ended], begin)
    expect(lanes[1]?.bars[0]).toMatchObject({ start: 1, length: 0, state: 'failed' })
    const young = { requestedAt: iso(0), lockedAt: null, endedAt: null }
    expect(timelineOf(young, [], begin - 5)).toEqual({ length: 1, lanes: [], marks: [] })
  })

  it.each([1, 37, 990, 14_000, 200_000, 7_200_000, 400_000_000])(
    'has a few ticks over %i ms',
    (length) => {
      const ticks = ticksOf(length)
      expect(ticks.length).toBeGreaterThanOrEqual(2)
      expect(ticks.length).toBeLessThanOrEqual(7)
      expect(ticks.every(({ at }) => at >= 0 && at <= 1)).toBe(true)
    },
  )
})

describe('an event in words', () => {
  it('says what matters, and of an unknown kind all that it has', () => {
    const words = (type: string, detail: Record<string, unknown>) => eventWords({ type, detail })
    expect(words('dma.lock.ended', { reason: 'lease-revoked' })).toBe('the lease was revoked')
    expect(words('dma.data.filled', { pattern: 'prbs31', offset: 0, byteLength: 1024 })).toBe(
      'prbs31 · 1 KiB at 0x00000',
    )
    expect(words('queue.new-kind', { entry: 7, tags: ['a'] })).toBe('entry 7 · tags ["a"]')
    expect(words('server.stopped', {})).toBe('')
    expect(isBad({ type: 'dma.transfer.ended', detail: { state: 'failed' } })).toBe(true)
    expect(isBad({ type: 'dma.transfer.ended', detail: { state: 'done' } })).toBe(false)
  })
})

describe('what is proven', () => {
  const status: CheckpointStatus = {
    origin: 'lab.example/log',
    key: 'lab.example+1a2b3c4d+AXNv+WU=',
    size: 10,
    checkpoint: { size: 8, at: iso(0), note: 'note' },
    sinks: [],
    damage: [],
  }

  it('is said of the record and of a session, damage before all else', () => {
    expect(recordSign(status).words).toBe('2 events since the checkpoint')
    expect(recordSign({ ...status, size: 8 }).words).toBe('all events are signed')
    expect(recordSign({ ...status, checkpoint: null }).words).toBe('not signed yet')
    const damage = [{ seq: 3, at: iso(0), type: 'audit.damaged' as const, what: 'changed' }]
    expect(recordSign({ ...status, damage }).words).toBe('damage was found')
    expect(sessionSign(status, [{ seq: 7 }, { seq: 8 }]).words).toBe('all its 2 events are signed')
    expect(sessionSign(status, [{ seq: 8 }, { seq: 9 }]).words).toMatch(/^1 of 2 events signed/)
    expect(sessionSign(status, []).words).toBe('no events')
  })

  it('names the key by its hash, also where its bytes have a plus', () => {
    expect(fingerprintOf(status.key)).toBe('1a2b3c4d')
  })
})

describe('use', () => {
  const items = (key: string | null, seconds: number, day = '2027-01-12') => ({
    ...{ day, key, sessions: 1, lockedSeconds: seconds, byteLength: 0, leaseSeconds: 0 },
  })
  const usage: Usage = {
    ...{ timezone: 'UTC', from: '2027-01-11', to: '2027-01-13', by: 'board' },
    keys: [
      ...['a', 'b', 'c', 'd', 'e'].map((key) => ({ key, name: key })),
      { key: null, name: '3 others' },
    ],
    items: [
      ...['a', 'b', 'c', 'd', 'e'].map((key, n) => items(key, 3600 * (9 - n))),
      items(null, 1800),
    ],
  }

  it('is a line for each of the most used, one for the rest, and a value for every day', () => {
    const { days, unit, lines } = seriesOf(usage, 'lockedSeconds')
    expect(unit).toBe('h')
    expect(seriesOf(usage, 'sessions').unit).toBe('')
    expect(days).toEqual(['2027-01-11', '2027-01-12', '2027-01-13'])
    expect(lines.map(({ name, values }) => [name, values[1]])).toEqual([
      ...[
        ['a', 9],
        ['b', 8],
        ['c', 7],
        ['d', 6],
      ],
      ['others', 5.5],
    ])
    expect(lines[0]?.values).toEqual([0, 9, 0])
    expect(totalsOf(usage).at(-1)).toMatchObject({ name: '3 others', sums: { sessions: 1 } })
  })
})
