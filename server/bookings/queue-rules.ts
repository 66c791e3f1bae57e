// Whose turn it is, and when a turn may come. Pure; times are ms since the epoch.

import { offerMinutes } from '../contract/limits.ts'
import type { QueueRow } from './queue-store.ts'
import { ceilSlot, type Interval, minuteMs, nextStart, overlap } from './slots.ts'

/** How far estimates and offers look ahead. */
export const lookAheadMs = 7 * 24 * 60 * minuteMs

export interface QueueBoard {
  id: string
  tags: readonly string[]
}

/** Whether somebody who waits would take this board. */
export const suits = (entry: Pick<QueueRow, 'board' | 'tags'>, board: QueueBoard): boolean =>
  entry.board === null
    ? entry.tags.every((tag) => board.tags.includes(tag))
    : entry.board === board.id

/** The line of one board, first come first. */
export const lineOf = (entries: readonly QueueRow[], board: QueueBoard): QueueRow[] =>
  entries.filter((entry) => suits(entry, board))

const shortestMs = offerMinutes.shortest * minuteMs

/** What may be offered on a free board from now on: null where the next booking comes too soon. */
export function offerEnd(
  busy: readonly Interval[],
  { now, defaultMinutes }: { now: number; defaultMinutes: number },
): number | null {
  const longest = ceilSlot(now + Math.max(defaultMinutes * minuteMs, shortestMs))
  const next = nextStart(busy, now)
  const end = next === null ? longest : Math.min(longest, next)
  return end - now < shortestMs ? null : end
}

/**
 * When the turn of each place may come: everybody before takes the default time in the first gap that is long enough for an offer.
 * Nobody is expected to leave, or to give the board back early.
 */
export function estimateTurns(
  places: number,
  busy: readonly Interval[],
  { now, defaultMinutes }: { now: number; defaultMinutes: number },
): number[] {
  const taken = [...busy]
  return Array.from({ length: places }, () => {
    const start = firstGap(taken, now)
    const wanted = Math.max(defaultMinutes * minuteMs, shortestMs)
    const next = nextStart(taken, start)
    taken.push({ start, end: next === null ? start + wanted : Math.min(start + wanted, next) })
    return start
  })
}

/** The first time from now on at which an offer would fit. */
function firstGap(taken: readonly Interval[], now: number): number {
  const starts = [now, ...taken.map(({ end }) => end).filter((end) => end > now)]
  const fits = starts.filter((start) => {
    const gap = { start, end: start + shortestMs }
    return !taken.some((one) => overlap(one, gap))
  })
  return Math.min(...fits)
}
