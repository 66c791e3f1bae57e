// A channel's figures: throughput of the last minutes, when it last came on, how long single transfers took.

import { describe, expect, it } from 'vitest'
import type { Transfer } from '../../server/contract/dma-session.ts'
import { ChannelFigures } from '../../web/state/channel-figures.ts'
import { Throughput } from '../../web/state/throughput.ts'
import { binWords, latencyOf } from '../../web/views/dma/bench/channels/latency.ts'

const start = Date.parse('2027-01-11T14:00:00Z')
const iso = (ms: number) => new Date(start + ms).toISOString()
const transfer = (changes: Partial<Transfer>) =>
  ({
    ...{ n: 1, channel: 'c2h1', mode: 'once', state: 'running', bytesCompleted: 0 },
    ...{ startedAt: iso(0), endedAt: null },
    ...changes,
  }) as Transfer

describe('throughput', () => {
  it('spreads bytes over the time in which they came, and forgets what is old', () => {
    const throughput = new Throughput()
    throughput.add({ from: 1500, to: 3500, bytes: 200 })
    expect(throughput.series(4000).rates.slice(-4)).toEqual([0, 50, 100, 50])
    throughput.add({ from: 400_000, to: 400_000, bytes: 7 })
    expect(throughput.series(401_000).rates.at(-1)).toBe(7)
    expect(throughput.series(4000).rates.slice(-4)).toEqual([0, 0, 0, 0])
  })

  it('stays of one length however long a transfer took', () => {
    const throughput = new Throughput()
    throughput.add({ from: 0, to: 1_000_000, bytes: 1_000_000 })
    const { seconds, rates } = throughput.series(1_000_000)
    expect(seconds).toHaveLength(300)
    expect(new Set(rates)).toEqual(new Set([1000]))
  })
})

describe('a transfer', () => {
  it('came on when its count was seen to grow, not when it was first heard of', () => {
    const figures = new ChannelFigures()
    const told = [0, 2000, 3000].map((ms, n) => ({
      now: start + ms,
      transfer: transfer({ bytesCompleted: [500, 900, 900][n] ?? 0 }),
    }))
    const since: (number | null)[] = []
    told.forEach(({ now, transfer }, n) => {
      figures.add('a/1', transfer, { now, known: told[n - 1]?.transfer })
      since.push(figures.sinceGrowth('a/1', start + 5000))
    })
    expect(since).toEqual([null, 3000, 3000])
    figures.add('a/1', transfer({ state: 'done', endedAt: iso(4000) }), {
      now: start + 4000,
      known: told[2]?.transfer,
    })
    expect(figures.sinceGrowth('a/1', start + 5000)).toBeNull()
  })
})

describe('latency', () => {
  it('counts single transfers that are done in bins that double', () => {
    const done = (ms: number, changes: Partial<Transfer> = {}) =>
      transfer({ state: 'done', endedAt: iso(ms), ...changes })
    const { count, median, longest, bins } = latencyOf(
      [
        ...[0, 3, 9, 1, 2].map((ms) => done(ms)),
        done(500, { channel: 'h2c0' }),
        done(500, { mode: 'cyclic' }),
        done(500, { state: 'failed' }),
      ],
      'c2h1',
    )
    expect([count, median, longest]).toEqual([5, 2, 9])
    expect(bins.map(({ from, to, count }) => [from, to, count])).toEqual([
      [0, 1, 1],
      [1, 2, 1],
      [2, 4, 2],
      [4, 8, 0],
      [8, 16, 1],
    ])
    expect(bins.map(binWords)).toEqual(['< 1 ms', '1 ms', '2 ms', '4 ms', '8 ms'])
    expect(latencyOf([], 'c2h1').bins).toEqual([])
  })
})
