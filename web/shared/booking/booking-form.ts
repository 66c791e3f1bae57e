// The times of a booking as people type them, on the wall clock of their browser. Pure.

import { slotMinutes } from '../../../server/contract/limits.ts'
import { minuteMs, type Span } from '../span.ts'
import { addDays, instantsOf, type WallTime, wallTime } from '../zoned-time.ts'

export interface TypedStart extends WallTime {
  /** Where the clocks repeat this time: the second one is meant. */
  second: boolean
}

/** An instant as it would be typed. */
export function typed(zone: string, at: number): TypedStart {
  const wall = wallTime(zone, at)
  return { ...wall, second: instantsOf(zone, wall)[1] === at }
}

export type ReadStart = { at: number; isTwice: boolean } | { fault: string }

export function readStart(zone: string, { date, time, second }: TypedStart): ReadStart {
  if (!date || !time) return { fault: 'Type a day and a time.' }
  const [first, later] = instantsOf(zone, { date, time })
  if (first === undefined) return { fault: 'The clocks skip this time on that day.' }
  const at = second && later !== undefined ? later : first
  if (at % (slotMinutes * minuteMs) !== 0) {
    return { fault: `Bookings begin and end on multiples of ${slotMinutes} minutes.` }
  }
  return { at, isTwice: later !== undefined }
}

/** The first time after the start at which the wall shows this: the same day, or the next. */
export function endAfter(zone: string, start: number, time: string): number | null {
  const { date } = wallTime(zone, start)
  const found = [date, addDays(date, 1)].flatMap((day) => instantsOf(zone, { date: day, time }))
  return found.find((at) => at > start) ?? null
}

/** "45 min", "1 h 30 min" */
export function lengthWords({ start, end }: Span): string {
  const minutes = Math.round((end - start) / minuteMs)
  const hours = Math.floor(minutes / 60)
  if (hours === 0) return `${minutes} min`
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
}

/** Lengths worth a button: halves and doubles of the usual one, as far as the rules allow. */
export function usualLengths(defaultMinutes: number, longestMinutes: number): number[] {
  const wanted = [15, 30, 60, 120, 240, defaultMinutes]
  return [...new Set(wanted)].filter((one) => one <= longestMinutes).sort((a, b) => a - b)
}

/** The first slot that begins from now on. */
export function nextSlot(now: number): number {
  const slotMs = slotMinutes * minuteMs
  return Math.ceil(now / slotMs) * slotMs
}

export const isoTimes = (start: number, minutes: number) => ({
  start: new Date(start).toISOString(),
  end: new Date(start + minutes * minuteMs).toISOString(),
})
