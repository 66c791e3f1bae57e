// The states of bookings, leases and queue entries, and the ways between them, each as one table. Boards have theirs in
// boards/board-state.ts.

import type { BookingState, QueueState } from '../contract/booking.ts'
import type { LeaseState } from '../contract/lease.ts'

export const bookingWays: Record<BookingState, readonly BookingState[]> = {
  held: ['confirmed', 'missed', 'cancelled'],
  confirmed: ['over', 'missed', 'cancelled'],
  over: [],
  missed: [],
  cancelled: [],
}

export const leaseWays: Record<LeaseState, readonly LeaseState[]> = {
  active: ['ending'],
  ending: ['ended'],
  ended: [],
}

export const queueWays: Record<QueueState, readonly QueueState[]> = {
  waiting: ['offered', 'ended'],
  /** Back: the board that was offered is not fit any more. */
  offered: ['waiting', 'ended'],
  ended: [],
}

/** Throws where the table has no such way: that is a mistake of ours. */
export function checkWay<State extends string>(
  ways: Record<State, readonly State[]>,
  from: State,
  to: State,
): void {
  if (!ways[from].includes(to)) throw new Error(`nothing goes from ${from} to ${to}`)
}

/** A booking in one of these has its slots. */
export const liveBookingStates = ['held', 'confirmed'] as const satisfies BookingState[]
