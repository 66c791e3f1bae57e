// The lab's rules for bookings. Pure; times are ms since the epoch.

import { DateTime, IANAZone } from 'luxon'
import type { Policy, PolicyChange, PolicyRules } from '../contract/booking.ts'
import { PinlabError } from '../errors.ts'
import type { Interval } from './slots.ts'

export const defaultPolicy: Policy = {
  timezone: 'UTC',
  defaultMinutes: 30,
  longestMinutes: 480,
  horizonDays: 28,
  concurrentBookings: 5,
  weeklyHours: 40,
  boards: {},
  version: 1,
}

export interface BoardRules extends PolicyRules {
  timezone: string
  /** The board has rules of its own for these: only what is on it counts. */
  own: ReadonlySet<keyof PolicyRules>
}

/** What holds for a board. */
export function rulesFor(policy: Policy, board: string): BoardRules {
  const { boards, version: _, ...rules } = policy
  const override = boards[board] ?? {}
  return { ...rules, ...override, own: new Set(Object.keys(override) as (keyof PolicyRules)[]) }
}

/** Refuses what contradicts itself, and a timezone that nobody knows. */
export function changePolicy(policy: Policy, change: PolicyChange): Policy {
  const { boards: changedBoards = {}, ...rules } = change
  const boards = { ...policy.boards }
  for (const [board, override] of Object.entries(changedBoards)) {
    if (override === null || Object.keys(override).length === 0) delete boards[board]
    else boards[board] = override
  }
  const next: Policy = { ...policy, ...rules, boards, version: policy.version + 1 }
  if (!IANAZone.isValidZone(next.timezone)) {
    throw invalid(`There is no timezone ${next.timezone}. Write it like Europe/Berlin.`)
  }
  for (const board of ['', ...Object.keys(boards)]) {
    const { defaultMinutes, longestMinutes } = rulesFor(next, board)
    if (defaultMinutes <= longestMinutes) continue
    const where = board === '' ? 'The lab' : board
    throw invalid(
      `${where} would have ${defaultMinutes} minutes for "use now" and ${longestMinutes} at the longest.`,
    )
  }
  return next
}

/** Monday 0:00 to Monday 0:00 in that timezone, which is an hour more or less where clocks change. */
export function weekOf(timezone: string, at: number): Interval {
  const start = DateTime.fromMillis(at, { zone: timezone }).startOf('week')
  return { start: start.toMillis(), end: start.plus({ weeks: 1 }).toMillis() }
}

/** The weeks that the interval touches. */
export function weeksOf(timezone: string, { start, end }: Interval): Interval[] {
  const weeks = [weekOf(timezone, start)]
  for (let last = weeks[0]; last && last.end < end; last = weeks.at(-1)) {
    weeks.push(weekOf(timezone, last.end))
  }
  return weeks
}

/** The interval so many weeks later, at the same time of day in that timezone. */
export function weeksLater(timezone: string, interval: Interval, weeks: number): Interval {
  const start = DateTime.fromMillis(interval.start, { zone: timezone }).plus({ weeks }).toMillis()
  return { start, end: start + (interval.end - interval.start) }
}

function invalid(detail: string): PinlabError {
  return new PinlabError('PINLAB_POLICY_INVALID', detail)
}
