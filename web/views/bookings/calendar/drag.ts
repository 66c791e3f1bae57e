// What a pointer that drags over the calendar means. Pure; instants are ms since the epoch.

import { slotMinutes } from '../../../../server/contract/limits.ts'
import { minuteMs, type Span } from '../../../shared/span.ts'

export const slotMs = slotMinutes * minuteMs

export const floorSlot = (at: number): number => Math.floor(at / slotMs) * slotMs
const nearestSlot = (at: number): number => Math.round(at / slotMs) * slotMs

export type DragKind = 'create' | 'move' | 'start' | 'end'

export interface Drag {
  kind: DragKind
  /** What is dragged, as it was; of a new one nothing yet. */
  from: Span
  /** Where the pointer went down, and where it is. */
  origin: number
  at: number
  /** No earlier start than this: what has passed is not booked. */
  earliest: number
}

/** What the drag would make of it, on the grid of slots, at least one slot long. */
export function dragged({ kind, from, origin, at, earliest }: Drag): Span {
  if (kind === 'create') return stretch(origin, at, earliest)
  if (kind === 'end') {
    return { start: from.start, end: Math.max(nearestSlot(at), from.start + slotMs) }
  }
  if (kind === 'start') {
    const start = Math.min(nearestSlot(at), from.end - slotMs)
    return { start: Math.max(start, earliest), end: from.end }
  }
  const start = Math.max(from.start + nearestSlot(at - origin), earliest)
  return { start, end: start + (from.end - from.start) }
}

/** Both ways from where it began; the slot under each end belongs to it. */
function stretch(origin: number, at: number, earliest: number): Span {
  const start = Math.max(floorSlot(Math.min(origin, at)), earliest)
  const end = floorSlot(Math.max(origin, at)) + slotMs
  return { start, end: Math.max(end, start + slotMs) }
}

/** A press that hardly moves is no drag: what opens then is the dialog with the usual length. */
export const isDrag = (from: { x: number; y: number }, to: { x: number; y: number }): boolean =>
  Math.hypot(to.x - from.x, to.y - from.y) > 4
