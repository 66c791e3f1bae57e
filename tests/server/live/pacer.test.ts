import { describe, expect, it } from 'vitest'
import { Coalescer } from '../../../server/live/coalescer.ts'
import { Pacer } from '../../../server/live/pacer.ts'
import { HandTimers } from '../../support/hand-timers.ts'

describe('the pacer', () => {
  it('has one timer for each rate, and none when nobody needs it', () => {
    const timers = new HandTimers()
    const pacer = new Pacer(timers)
    const stops = [30, 30, 60].map((rate) => pacer.add(rate, () => {}))
    expect(timers.pending).toBe(2)
    stops[0]?.()
    expect(timers.pending).toBe(2)
    stops[1]?.()
    stops[2]?.()
    expect(timers.pending).toBe(0)
  })

  it('ticks at each rate', async () => {
    const timers = new HandTimers()
    const pacer = new Pacer(timers)
    const counts = { 5: 0, 60: 0 }
    pacer.add(5, () => counts[5]++)
    pacer.add(60, () => counts[60]++)
    await timers.advance(2000)
    expect(counts).toEqual({ 5: 10, 60: 120 })
  })

  it('does not drift when timers are late, and does not make up for missed beats', async () => {
    const timers = new HandTimers()
    const late = {
      now: () => timers.now(),
      after: (delayMs: number, run: () => void) => timers.after(delayMs + 7, run),
    }
    const at: number[] = []
    new Pacer(late).add(5, () => at.push(timers.now()))
    await timers.advance(1010)
    expect(at).toEqual([207, 407, 607, 807, 1007])
    const stalled = { ...late, after: (_: number, run: () => void) => timers.after(500, run) }
    const rare: number[] = []
    const startedAt = timers.now()
    new Pacer(stalled).add(5, () => rare.push(timers.now() - startedAt))
    await timers.advance(1010)
    expect(rare).toEqual([500, 1000])
  })

  it('a timer that fires early does not tick twice for one period', async () => {
    const timers = new HandTimers()
    const early = {
      now: () => timers.now(),
      after: (delayMs: number, run: () => void) => timers.after(Math.max(1, delayMs - 0.9), run),
    }
    let count = 0
    new Pacer(early).add(60, () => count++)
    await timers.advance(1000)
    expect(count).toBe(60)
  })
})

describe('a coalescer', () => {
  it('runs at once, then at most once a period, and once more after the last poke', async () => {
    const timers = new HandTimers()
    const at: number[] = []
    const coalescer = new Coalescer(timers, 100, () => {
      at.push(timers.now())
    })
    for (let poke = 0; poke < 12; poke += 1) {
      coalescer.poke()
      await timers.advance(20)
    }
    await timers.advance(1000)
    expect(at).toEqual([0, 100, 200, 300])
    expect(timers.pending).toBe(0)
  })

  it('runs again for a poke that came while it ran', async () => {
    const timers = new HandTimers()
    let value = 1
    const seen: number[] = []
    const coalescer: Coalescer = new Coalescer(timers, 100, async () => {
      seen.push(value)
      await Promise.resolve()
    })
    coalescer.poke()
    value = 2
    coalescer.poke()
    await new Promise((done) => setImmediate(done))
    await timers.advance(100)
    expect(seen).toEqual([1, 2])
  })
})
