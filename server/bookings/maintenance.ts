// Maintenance: times at which nobody gets a board, planned by its keepers.

import { record } from '../audit/audit.ts'
import type { Boards } from '../boards/boards.ts'
import type { Clock } from '../clock.ts'
import type { Booking, NewMaintenance } from '../contract/booking.ts'
import { PinlabError } from '../errors.ts'
import type { Asking } from '../identity/people.ts'
import type { Database } from '../plugins/database/database.ts'
import { isoOf } from './booking-rules.ts'
import { addBooking, readLive } from './booking-store.ts'
import type { Bookings } from './bookings.ts'
import { readLease } from './lease-store.ts'
import type { Leases } from './leases.ts'
import type { Queue } from './queue.ts'
import { calendarMs, ceilSlot, floorSlot } from './slots.ts'

export class Maintenance {
  constructor(
    private readonly boards: Boards,
    private readonly bookings: Bookings,
    private readonly leases: Leases,
    private readonly queue: Queue,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** Nobody gets the board then. What is in the way is listed, or cancelled if that is asked for. */
  async plan(
    board: string,
    { start, end, reason, cancel }: NewMaintenance,
    { actor, request }: Asking,
  ): Promise<Booking> {
    await this.boards.describeOne(board)
    const now = this.clock.now()
    const interval = {
      start: start === undefined ? floorSlot(now) : floorSlot(Date.parse(start)),
      end: ceilSlot(Date.parse(end)),
    }
    if (interval.end <= Math.max(now, interval.start)) {
      throw new PinlabError('PINLAB_BOOKING_TIMES', 'The end must be after the start, and ahead.')
    }
    if (interval.end - interval.start > calendarMs || interval.start > now + calendarMs) {
      throw new PinlabError('PINLAB_BOOKING_TIMES', 'Maintenance is planned for the coming year.')
    }
    const planned = await this.database.write(async (tx) => {
      const busy = await readLive(tx, { board }, interval)
      if (busy.length > 0 && !cancel) throw inTheWay(board, busy)
      const ended = []
      for (const booking of busy) {
        const lease = booking.lease === null ? null : await readLease(tx, booking.lease)
        const detail = `Maintenance: ${reason}`
        if (lease?.state === 'active') {
          const end = { reason: 'revoked', detail, actor: actor.id, request } as const
          ended.push(await this.leases.beginEnd(tx, lease, end))
        } else if (booking.state === 'held') await this.queue.withdraw(tx, booking, detail)
        else
          await this.bookings.cancelOne(tx, booking, { reason: detail, actor: actor.id, request })
      }
      const booking = await addBooking(tx, {
        board,
        kind: 'maintenance',
        owner: actor.id,
        ownerName: actor.name,
        interval,
        note: reason.trim(),
        state: 'confirmed',
        createdAt: now,
      })
      if (!booking) throw new Error(`slots of ${board} are taken by no booking`)
      const detail = { booking: booking.id, kind: 'maintenance', ...isoOf(interval), reason }
      await record(tx, { type: 'booking.made', actor: actor.id, board, request, detail })
      return { booking, ended }
    })
    for (const lease of planned.ended) this.leases.tellEnding(lease)
    this.boards.changed.emit(board)
    return planned.booking
  }
}

function inTheWay(board: string, busy: Booking[]): PinlabError {
  const conflicts = busy.map(({ id, ownerName, start, end, lease, kind }) => {
    return { id, ownerName, start, end, kind, isRunning: lease !== null }
  })
  return new PinlabError(
    'PINLAB_MAINTENANCE_CONFLICT',
    `${busy.length === 1 ? 'A booking of' : `${busy.length} bookings of`} ${board} would be cancelled. Ask again with cancel: true to do it.`,
    { members: { conflicts } },
  )
}
