// What the calendar shows, and the marks of its time axis. Pure: the timezone is passed in, positions come from instants and only
// labels from the wall.

import { hourMs, minuteMs, type Span } from '../../../shared/span.ts'
import {
  addDays,
  aheadOfUtcMs,
  dateAt,
  dayIn,
  mondayOf,
  startOfDay,
  timeIn,
} from '../../../shared/zoned-time.ts'

export type Scale = 'day' | 'week'

const daysOf: Record<Scale, number> = { day: 1, week: 7 }

/** The day, or the week from Monday, that has this date: 23 or 25 hours where the clocks change. */
export function calendarSpan(zone: string, scale: Scale, date: string): Span {
  const first = scale === 'day' ? date : mondayOf(date)
  return { start: startOfDay(zone, first), end: startOfDay(zone, addDays(first, daysOf[scale])) }
}

/** The date to show after going so many pages on. */
export const turn = (date: string, scale: Scale, pages: number): string =>
  addDays(date, pages * daysOf[scale])

export interface DayMark extends Span {
  date: string
  label: string
}

export function daysIn(zone: string, span: Span): DayMark[] {
  const days: DayMark[] = []
  for (let start = span.start; start < span.end; ) {
    const date = dateAt(zone, start)
    const end = startOfDay(zone, addDays(date, 1))
    days.push({ start, end, date, label: dayIn(zone, start) })
    start = end
  }
  return days
}

export interface HourMark {
  at: number
  label: string
}

/** The full hours of the wall that its clock divides by `every`; an hour that comes twice is marked twice. */
export function hoursIn(zone: string, span: Span, every: number): HourMark[] {
  const marks: HourMark[] = []
  for (let at = span.start; at < span.end; at += 30 * minuteMs) {
    const label = timeIn(zone, at)
    const [hour, minute] = label.split(':').map(Number)
    if (minute === 0 && (hour ?? 0) % every === 0) marks.push({ at, label })
  }
  return marks
}

export interface ClockChange {
  at: number
  /** Forward is positive. */
  byMs: number
}

/** When the clocks change in the span, if they do. */
export function clockChange(zone: string, { start, end }: Span): ClockChange | null {
  const before = aheadOfUtcMs(zone, start)
  for (let at = start + hourMs; at <= end; at += hourMs) {
    if (aheadOfUtcMs(zone, at) === before) continue
    let [low, high] = [at - hourMs, at]
    while (high - low > minuteMs) {
      const middle = low + Math.floor((high - low) / 2 / minuteMs) * minuteMs
      if (aheadOfUtcMs(zone, middle) === before) low = middle
      else high = middle
    }
    return { at: high, byMs: aheadOfUtcMs(zone, high) - before }
  }
  return null
}

export function clockChangeWords(zone: string, { at, byMs }: ClockChange): string {
  const minutes = Math.abs(byMs) / minuteMs
  const by = minutes === 60 ? 'an hour' : `${minutes} minutes`
  const way = byMs > 0 ? 'forward' : 'back'
  return `${dayIn(zone, at)}: clocks go ${way} ${by}, to ${timeIn(zone, at)}`
}
