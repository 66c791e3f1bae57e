// A booking that was dropped elsewhere: on its way, or refused with another time that is free.

import type { Booking } from '../../../../server/contract/booking.ts'
import type { Times } from '../../../shared/booking/refusal.ts'
import type { Span } from '../../../shared/span.ts'
import { Action } from '../../../state/action.svelte.ts'
import { bookingDesk } from '../../../state/booking-desk.svelte.ts'
import type { Ghost } from './grid-drag.svelte.ts'

export interface Target extends Span {
  board: string
}

export class Moving {
  readonly acting = new Action()
  /** What was asked for last; kept while it is refused. */
  asked = $state.raw<{ booking: Booking; to: Target } | null>(null)

  /** While it is on its way. */
  get id(): string | null {
    return this.acting.busy ? (this.asked?.booking.id ?? null) : null
  }

  ghostOn(board: string): Ghost | null {
    if (!this.acting.busy || this.asked?.to.board !== board) return null
    const { booking, to } = this.asked
    return { start: to.start, end: to.end, row: 0, booking }
  }

  async move(booking: Booking, to: Target): Promise<void> {
    if (this.acting.busy) return
    const start = new Date(to.start).toISOString()
    const end = new Date(to.end).toISOString()
    const isSame = to.board === booking.board && start === booking.start && end === booking.end
    if (isSame) return
    this.asked = { booking, to }
    const { board } = to
    await this.acting.run(() => bookingDesk.change(booking, { board, start, end }))
  }

  moveInstead = (times: Times): void => {
    if (!this.asked) return
    const { booking, to } = this.asked
    const span = { start: Date.parse(times.start), end: Date.parse(times.end) }
    void this.move(booking, { board: to.board, ...span })
  }
}
