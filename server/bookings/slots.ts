// The five-minute slots that bookings are made of. Pure; times are ms since the epoch.

import { slotMinutes } from '../contract/limits.ts'

export const minuteMs = 60_000
export const slotMs = slotMinutes * minuteMs

/** Nothing is planned further ahead. */
export const calendarMs = 400 * 24 * 60 * minuteMs

export interface Interval {
  start: number
  end: number
}

export const floorSlot = (at: number): number => Math.floor(at / slotMs) * slotMs
export const ceilSlot = (at: number): number => Math.ceil(at / slotMs) * slotMs
export const isOnGrid = (at: number): boolean => at % slotMs === 0

/** The starts of all slots that the interval touches. */
export function slotsOf({ start, end }: Interval): number[] {
  const first = floorSlot(start)
  const count = Math.max(0, Math.ceil((end - first) / slotMs))
  return Array.from({ length: count }, (_, index) => first + index * slotMs)
}

/** What has ended frees its slots from the one that is on. */
export const firstFreedSlot = (endedAt: number): number => floorSlot(endedAt)

/** Half open: what ends when the other begins does not touch it. */
export const overlap = (a: Interval, b: Interval): boolean => a.start < b.end && b.start < a.end

/** The next busy start at or after `at`, or null. */
export function nextStart(busy: readonly Interval[], at: number): number | null {
  const starts = busy.map(({ start }) => start).filter((start) => start >= at)
  return starts.length === 0 ? null : Math.min(...starts)
}

/**
 * The free interval of this length whose start is nearest to the wanted one, within the bounds; null where there is none. Of two
 * equally near ones the later.
 */
export function nearestFree(
  busy: readonly Interval[],
  wanted: Interval,
  bounds: { earliest: number; latest: number },
): Interval | null {
  const length = wanted.end - wanted.start
  const earliest = ceilSlot(bounds.earliest)
  const candidates = [wanted.start, earliest]
  for (const { start, end } of busy) candidates.push(ceilSlot(end), floorSlot(start) - length)
  const fits = candidates.filter((start) => {
    const candidate = { start, end: start + length }
    const isWithin = start >= earliest && start <= bounds.latest
    return isWithin && !busy.some((one) => overlap(one, candidate))
  })
  const distance = (start: number) => Math.abs(start - wanted.start)
  const [nearest] = fits.sort((a, b) => distance(a) - distance(b) || b - a)
  return nearest === undefined ? null : { start: nearest, end: nearest + length }
}
