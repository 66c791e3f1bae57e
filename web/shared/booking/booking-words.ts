// Bookings in words and signs, so that colour is never what tells them apart. Pure.

import type { Booking } from '../../../server/contract/booking.ts'
import type { BoardStatus } from '../../../server/contract/overview.ts'
import { dayIn, spanWords } from '../zoned-time.ts'

export type Sort = 'mine' | 'others' | 'offer' | 'maintenance'

/** How it looks: by whose it is, and what it is. */
export function sortOf(booking: Pick<Booking, 'kind' | 'state' | 'owner'>, me: string): Sort {
  if (booking.kind === 'maintenance') return 'maintenance'
  if (booking.state === 'held') return 'offer'
  return booking.owner === me ? 'mine' : 'others'
}

export function whoWords(
  booking: Pick<Booking, 'kind' | 'state' | 'owner' | 'ownerName'>,
  me: string,
): string {
  if (booking.kind === 'maintenance') return 'maintenance'
  const who = booking.owner === me ? 'you' : booking.ownerName
  return booking.state === 'held' ? `offered to ${who}` : who
}

export function bookingWords(booking: Booking, me: string, zone: string): string {
  const [start, end] = [Date.parse(booking.start), Date.parse(booking.end)]
  const words = [
    whoWords(booking, me),
    `${dayIn(zone, start)} ${spanWords(zone, start, end)}`,
    booking.note,
    booking.state === 'confirmed' ? (booking.lease ? 'on now' : '') : stateWords[booking.state],
    booking.series ? 'every week' : '',
  ]
  return words.filter(Boolean).join(', ')
}

export const stateWords: Record<Booking['state'], string> = {
  held: 'offer',
  confirmed: 'booked',
  over: 'over',
  missed: 'missed',
  cancelled: 'cancelled',
}

/** It has not begun, and nobody has taken it up. */
export const isMovable = (booking: Booking): boolean =>
  booking.state === 'confirmed' && booking.lease === null

/** Why a booking that is near may come to nothing: its board is out of use. */
export function boardTrouble(status: BoardStatus | undefined): string | null {
  if (!status || (status.state !== 'quarantined' && status.state !== 'offline')) return null
  const why = status.stateReason ? `: ${status.stateReason}` : ''
  return `${status.board} is ${status.state}${why}`
}
