import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Interval,
  isOnGrid,
  nearestFree,
  overlap,
  slotMs,
  slotsOf,
} from '../../../server/bookings/slots.ts'

const slot = fc.integer({ min: 0, max: 60 }).map((n) => n * slotMs)
const interval = fc
  .tuple(slot, fc.integer({ min: 1, max: 12 }))
  .map(([start, length]) => ({ start, end: start + length * slotMs }))

describe('slots', () => {
  it('are those that the interval touches', () => {
    expect(slotsOf({ start: 0, end: 2 * slotMs })).toEqual([0, slotMs])
    expect(slotsOf({ start: 1, end: slotMs + 1 })).toEqual([0, slotMs])
    expect(slotsOf({ start: slotMs - 1, end: slotMs })).toEqual([0])
    expect(slotsOf({ start: slotMs, end: slotMs })).toEqual([])
  })

  it('of two intervals on the grid are shared exactly where they overlap', () => {
    fc.assert(
      fc.property(interval, interval, (a, b) => {
        const shared = slotsOf(a).some((start) => slotsOf(b).includes(start))
        expect(shared).toBe(overlap(a, b))
      }),
    )
  })
})

describe('the nearest free time', () => {
  const bounds = { earliest: 0, latest: 100 * slotMs }
  /** All starts on the grid, tried one after the other. */
  const byTrying = (busy: Interval[], wanted: Interval) => {
    const length = wanted.end - wanted.start
    const free = Array.from({ length: 101 }, (_, n) => n * slotMs).filter(
      (start) => !busy.some((one) => overlap(one, { start, end: start + length })),
    )
    const distances = free.map((start) => Math.abs(start - wanted.start))
    return Math.min(...distances)
  }

  it('is free, on the grid, as long as asked for, and none is nearer', () => {
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 8 }), interval, (busy, wanted) => {
        const found = nearestFree(busy, wanted, bounds)
        if (!found) throw new Error('there is always time after everything')
        expect(found.end - found.start).toBe(wanted.end - wanted.start)
        expect(isOnGrid(found.start)).toBe(true)
        expect(busy.some((one) => overlap(one, found))).toBe(false)
        expect(Math.abs(found.start - wanted.start)).toBe(byTrying(busy, wanted))
      }),
    )
  })

  it('is none where everything is taken until the horizon', () => {
    const busy = [{ start: 0, end: 200 * slotMs }]
    const wanted = { start: 10 * slotMs, end: 12 * slotMs }
    expect(nearestFree(busy, wanted, bounds)).toBeNull()
  })

  it('is never before the slot that is on', () => {
    const busy = [{ start: 10 * slotMs, end: 12 * slotMs }]
    const wanted = { start: 10 * slotMs, end: 11 * slotMs }
    const late = { earliest: 10 * slotMs, latest: 100 * slotMs }
    expect(nearestFree(busy, wanted, late)?.start).toBe(12 * slotMs)
  })
})
