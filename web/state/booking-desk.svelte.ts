// Where bookings are made, moved and cancelled: which dialog is open, for all screens, and what was done there.

import type {
  Booking,
  BookingChange,
  NewBooking,
  NewMaintenance,
} from '../../server/contract/booking.ts'
import * as api from '../api/bookings.ts'
import { ApiProblem } from '../api/problem.ts'
import type { Span } from '../shared/span.ts'
import { announcer } from './announcer.svelte.ts'

export type Asked =
  | { what: 'book' | 'maintenance'; board: string | null; span: Span | null }
  | { what: 'open'; booking: Booking }

class BookingDesk {
  asked = $state.raw<Asked | null>(null)
  /** Counts what was done: whoever shows bookings reads them again. */
  revision = $state(0)

  book(board: string | null = null, span: Span | null = null): void {
    this.asked = { what: 'book', board, span }
  }

  maintain(board: string | null = null, span: Span | null = null): void {
    this.asked = { what: 'maintenance', board, span }
  }

  open(booking: Booking): void {
    this.asked = { what: 'open', booking }
  }

  close = (): void => {
    this.asked = null
  }

  /** Once, or every week at the same time of day. */
  async make(wanted: NewBooking, weeks: number): Promise<void> {
    if (weeks > 1) await api.makeSeries({ ...wanted, weeks })
    else await api.makeBooking(wanted)
    this.#done(weeks > 1 ? `${wanted.board} booked for ${weeks} weeks` : `${wanted.board} booked`)
  }

  async change(booking: Booking, change: BookingChange): Promise<void> {
    try {
      await api.changeBooking(booking, change)
    } catch (thrown) {
      if (thrown instanceof ApiProblem && thrown.problem.status === 412) this.revision++
      throw thrown
    }
    this.#done(`The booking of ${change.board ?? booking.board} is changed`)
  }

  /** As it is now, after a refusal as stale. */
  refresh(booking: Booking): Promise<Booking> {
    return api.getBooking(booking.id)
  }

  async cancel(booking: Booking, how: api.Cancelling): Promise<void> {
    await api.cancelBooking(booking.id, how)
    this.#done(`The booking of ${booking.board} is cancelled`)
  }

  async planMaintenance(board: string, wanted: NewMaintenance): Promise<void> {
    await api.planMaintenance(board, wanted).catch(askFirst)
    this.#done(`Maintenance of ${board} is planned`)
  }

  #done(words: string): void {
    this.revision++
    announcer.say(words)
  }
}

/** The server tells scripts how to ask again; people see what is in the way, and a button. */
function askFirst(thrown: unknown): never {
  if (thrown instanceof ApiProblem && thrown.problem.code === 'PINLAB_MAINTENANCE_CONFLICT') {
    const detail = 'Nothing is planned yet. This would be cancelled:'
    throw new ApiProblem({ ...thrown.problem, detail })
  }
  throw thrown
}

export const bookingDesk = new BookingDesk()
