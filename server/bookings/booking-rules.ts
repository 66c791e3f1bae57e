// When a board may be booked, by whom. Pure; times are ms since the epoch.

import type { Booking } from '../contract/booking.ts'
import { slotMinutes } from '../contract/limits.ts'
import { type ErrorCode, PinlabError } from '../errors.ts'
import { type BoardRules, weeksOf } from './policy-rules.ts'
import {
  floorSlot,
  type Interval,
  isOnGrid,
  minuteMs,
  nearestFree,
  overlap,
  slotMs,
} from './slots.ts'

const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

export const intervalOf = ({ start, end }: Pick<Booking, 'start' | 'end'>): Interval => ({
  start: Date.parse(start),
  end: Date.parse(end),
})

export const isoOf = ({ start, end }: Interval) => ({
  start: new Date(start).toISOString(),
  end: new Date(end).toISOString(),
})

/** Where a booking of this board may begin. */
export function bounds(rules: BoardRules, now: number) {
  return { earliest: floorSlot(now), latest: now + rules.horizonDays * dayMs }
}

export interface Asked {
  board: string
  wanted: Interval
  rules: BoardRules
  now: number
  /** What has the board already, about that time and before the horizon. */
  busy: readonly Booking[]
}

/** Refuses times that no rule allows, and says which rule. */
export function checkTimes(asked: Asked): void {
  const { wanted, rules, now } = asked
  if (wanted.end <= wanted.start) {
    throw new PinlabError('PINLAB_BOOKING_TIMES', 'The end must be after the start.')
  }
  if (!isOnGrid(wanted.start) || !isOnGrid(wanted.end)) {
    throw new PinlabError(
      'PINLAB_BOOKING_TIMES',
      `Bookings begin and end on multiples of ${slotMinutes} minutes.`,
    )
  }
  const minutes = (wanted.end - wanted.start) / minuteMs
  if (minutes > rules.longestMinutes) {
    throw new PinlabError(
      'PINLAB_BOOKING_LENGTH',
      `A booking of ${asked.board} may last ${rules.longestMinutes} minutes; ${minutes} were asked for.`,
      { members: { rule: 'longestMinutes', limit: rules.longestMinutes, asked: minutes } },
    )
  }
  const { earliest, latest } = bounds(rules, now)
  if (wanted.start < earliest) {
    throw refusal('PINLAB_BOOKING_PAST', 'The start has passed.', asked)
  }
  if (wanted.start > latest) {
    throw refusal(
      'PINLAB_BOOKING_HORIZON',
      `${asked.board} may be booked ${rules.horizonDays} days ahead.`,
      asked,
      { rule: 'horizonDays', limit: rules.horizonDays },
    )
  }
}

/** Refuses a time that somebody has, and says who and when it would be free. */
export function checkFree(asked: Asked): void {
  const conflict = asked.busy.find((booking) => overlap(intervalOf(booking), asked.wanted))
  if (conflict) throw overlapRefusal(asked, conflict)
}

export function overlapRefusal(asked: Asked, conflict: Booking): PinlabError {
  const who =
    conflict.kind === 'maintenance'
      ? `${asked.board} is in maintenance`
      : `${conflict.ownerName} has ${asked.board}`
  const { id, start, end, ownerName } = conflict
  return refusal('PINLAB_BOOKING_OVERLAP', `${who} from ${start} to ${end}.`, asked, {
    conflict: { id, start, end, ownerName },
  })
}

/** With the nearest time that is free, where there is one. */
function refusal(
  code: ErrorCode,
  detail: string,
  { wanted, busy, rules, now }: Asked,
  members: Record<string, unknown> = {},
): PinlabError {
  const nearest = nearestFree(busy.map(intervalOf), wanted, bounds(rules, now))
  const offer = nearest && isoOf(nearest)
  const help = offer ? ` The nearest free time is ${offer.start} to ${offer.end}.` : ''
  return new PinlabError(code, `${detail}${help}`, { members: { ...members, nearest: offer } })
}

/** Of the person who asks: what is not cancelled, in the weeks that are asked about, and all that is planned or on. */
export interface Share {
  bookings: readonly Booking[]
  now: number
}

const isPlanned = ({ state, end }: Booking, now: number) =>
  (state === 'confirmed' || state === 'held') && Date.parse(end) > now

/** Refuses more bookings at once than the rules allow. */
export function checkConcurrent(board: string, rules: BoardRules, { bookings, now }: Share): void {
  const ofBoard = rules.own.has('concurrentBookings')
  const planned = bookings.filter((booking) => {
    return isPlanned(booking, now) && (!ofBoard || booking.board === board)
  })
  if (planned.length < rules.concurrentBookings) return
  throw new PinlabError(
    'PINLAB_BOOKING_CONCURRENT',
    `You may have ${rules.concurrentBookings} bookings${ofBoard ? ` of ${board}` : ''} at once. Cancel one, or wait until one is over.`,
    {
      members: {
        rule: 'concurrentBookings',
        limit: rules.concurrentBookings,
        planned: planned.length,
      },
    },
  )
}

/** Refuses more hours in a week than the rules allow. */
export function checkWeekly(
  { board, wanted, rules }: Pick<Asked, 'board' | 'wanted' | 'rules'>,
  { bookings }: Share,
): void {
  const ofBoard = rules.own.has('weeklyHours')
  const counted = bookings.filter((booking) => !ofBoard || booking.board === board)
  for (const week of weeksOf(rules.timezone, wanted)) {
    const usedMs = counted.reduce((sum, booking) => sum + shared(week, intervalOf(booking)), 0)
    const hours = (usedMs + shared(week, wanted)) / hourMs
    if (hours <= rules.weeklyHours) continue
    throw new PinlabError(
      'PINLAB_BOOKING_WEEKLY',
      `You may have ${rules.weeklyHours} hours${ofBoard ? ` of ${board}` : ''} a week; with this booking it would be ${round(hours)} in the week from ${new Date(week.start).toISOString()}.`,
      { members: { rule: 'weeklyHours', limit: rules.weeklyHours, used: round(usedMs / hourMs) } },
    )
  }
}

const shared = (a: Interval, b: Interval) =>
  Math.max(0, Math.min(a.end, b.end) - Math.max(a.start, b.start))

const round = (hours: number) => Math.round(hours * 100) / 100

/** Until when "use now" gives a free board: the next booking, or the default at most; null where that is not worth it. */
export function useNowEnd(rules: BoardRules, next: Booking | null, now: number): number | null {
  const longest = floorSlot(now + rules.defaultMinutes * minuteMs)
  const end = Math.min(
    Math.max(longest, floorSlot(now) + slotMs),
    next ? Date.parse(next.start) : Infinity,
  )
  return end - now < minuteMs ? null : end
}
