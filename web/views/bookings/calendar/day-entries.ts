// A board's day as a list: its bookings, and what is free between them from now on. Pure.

import type { Booking } from '../../../../server/contract/booking.ts'
import { type Span, spanOf } from '../../../shared/span.ts'
import { floorSlot, slotMs } from './drag.ts'

export interface DayEntry extends Span {
  /** Null where it is free. */
  booking: Booking | null
}

export function dayEntries(bookings: readonly Booking[], day: Span, now: number): DayEntry[] {
  const entries: DayEntry[] = []
  let free = Math.max(day.start, floorSlot(now))
  const addGap = (end: number) => {
    if (end - free >= slotMs) entries.push({ start: free, end, booking: null })
  }
  const inOrder = bookings.toSorted((a, b) => Date.parse(a.start) - Date.parse(b.start))
  for (const booking of inOrder) {
    const { start, end } = spanOf(booking)
    addGap(Math.min(start, day.end))
    entries.push({ start, end, booking })
    // What ended early has freed the rest of its slot.
    free = Math.max(free, booking.state === 'over' ? floorSlot(end) : end)
  }
  addGap(day.end)
  return entries
}
