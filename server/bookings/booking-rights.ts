// Who may change or cancel which booking, and while it is what. Pure.

import type { Booking } from '../contract/booking.ts'
import { PinlabError } from '../errors.ts'
import { type Actor, mayDo } from '../identity/permissions.ts'

/** Whether it is the actor's own; refuses whoever is neither its owner nor a keeper who may do this. */
export function checkOwner(booking: Booking, actor: Actor, what: 'change' | 'cancel'): boolean {
  const isKeeper = mayDo(actor, 'board.maintain')
  if (booking.kind === 'maintenance' && isKeeper) return true
  if (booking.owner === actor.id && booking.kind === 'booking') return true
  if (what === 'cancel' && isKeeper) return false
  throw new PinlabError('PINLAB_BOOKING_NOT_YOURS', `This is ${booking.ownerName}'s booking.`)
}

/** Refuses what has begun, has ended, or is an offer. */
export function checkMovable(booking: Booking): void {
  if (booking.state !== 'confirmed' && booking.state !== 'held') {
    throw new PinlabError('PINLAB_BOOKING_ENDED', `The booking is ${booking.state}.`)
  }
  if (booking.lease !== null) {
    throw new PinlabError(
      'PINLAB_BOOKING_STARTED',
      'The booking has begun. Release the board, or extend your time.',
    )
  }
  if (booking.state === 'held') {
    throw new PinlabError(
      'PINLAB_BOOKING_STARTED',
      'This is an offer: claim it, or leave the queue.',
    )
  }
}
