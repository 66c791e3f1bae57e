// What is due in the calendar, worked off once a second: there are no timers of single bookings.

import { record } from '../audit/audit.ts'
import type { Boards } from '../boards/boards.ts'
import type { Clock } from '../clock.ts'
import type { Booking } from '../contract/booking.ts'
import { noShowMinutes } from '../contract/limits.ts'
import { EventChannel } from '../event-channel.ts'
import { systemActor } from '../identity/permissions.ts'
import type { Database } from '../plugins/database/database.ts'
import { endBooking, readBarred, readBegun, readBooking, readLive } from './booking-store.ts'
import type { Bookings } from './bookings.ts'
import { readLeaseOf } from './lease-store.ts'
import type { Leases } from './leases.ts'
import type { Queue } from './queue.ts'
import { readEntry, readLine } from './queue-store.ts'
import { calendarMs, minuteMs } from './slots.ts'

export interface SharingParts {
  boards: Boards
  bookings: Bookings
  leases: Leases
  queue: Queue
  database: Database
  clock: Clock
}

export class SharingSweep {
  /** A board's maintenance is over: it is to be checked and given back. Told each second until that has begun. */
  readonly maintenanceOver = new EventChannel<[board: string]>()
  #steppedBefore = false

  constructor(private readonly parts: SharingParts) {}

  async sweep(): Promise<void> {
    // First, because it works when nothing can be written: boards stop and memory is unlocked at the end of a lease.
    await this.parts.leases.sweep()
    await this.#watchClock()
    await this.#endBarred()
    for (const booking of await readBegun(this.parts.database.reader, this.parts.clock.now())) {
      await this.#workOff(booking)
    }
    await this.#endMaintenance()
    if (!this.parts.clock.step()) await this.parts.queue.offer()
  }

  /** The keeper is told once for each step. */
  async #watchClock(): Promise<void> {
    const step = this.parts.clock.step()
    if (step && !this.#steppedBefore) {
      const detail = { byMs: Math.round(step.byMs) }
      await this.parts.database.write((tx) =>
        record(tx, { type: 'clock.stepped', actor: systemActor, detail }),
      )
    }
    this.#steppedBefore = step !== null
  }

  async #workOff(booking: Booking): Promise<void> {
    if (booking.kind === 'maintenance') return this.#maintain(booking)
    if (booking.lease !== null) return
    const now = this.parts.clock.now()
    const { state, stateSince } = await this.parts.boards.state(booking.board)
    if (booking.state === 'held') {
      if (state !== 'ready') return this.parts.queue.withdrawOffer(booking)
      if (booking.claimBy !== null && Date.parse(booking.claimBy) <= now) {
        await this.#missOffer(booking)
      }
      return
    }
    if (Date.parse(booking.end) <= now) return this.#miss(booking, state !== 'ready')
    if (state !== 'ready' || this.parts.clock.step()) return
    const couldBegin = Math.max(Date.parse(booking.start), stateSince.getTime())
    if (couldBegin + noShowMinutes * minuteMs <= now) await this.#miss(booking, false)
  }

  async #maintain(booking: Booking): Promise<void> {
    const { boards, clock, database } = this.parts
    const { board } = booking
    if (Date.parse(booking.end) <= clock.now()) {
      await this.#end(booking, { state: 'over' })
    } else if ((await boards.state(board)).state === 'ready') {
      await database.write(async (tx) => {
        const { state } = await boards.state(board, tx)
        if (state !== 'ready' || (await readLeaseOf(tx, board))) return
        const reason = booking.note
        await boards.setState(tx, { id: board, state: 'maintenance', reason })
      })
      boards.changed.emit(board)
    }
  }

  async #endMaintenance(): Promise<void> {
    const { boards, clock, database } = this.parts
    for (const id of await boards.inState('maintenance')) {
      const now = clock.now()
      const [on] = await readLive(database.reader, { board: id }, { start: now, end: now + 1 })
      if (on?.kind !== 'maintenance') this.maintenanceOver.emit(id)
    }
  }

  /** Nobody came; or nobody could, because the board was not fit. */
  async #miss(booking: Booking, wasUnfit: boolean): Promise<void> {
    const detail = wasUnfit
      ? 'The board could not be used.'
      : `Nobody took control within ${noShowMinutes} minutes.`
    await this.#end(booking, wasUnfit ? { state: 'over', detail } : { state: 'missed', detail })
  }

  async #end({ id }: Booking, end: { state: 'over' | 'missed'; detail?: string }): Promise<void> {
    const { boards, clock, database } = this.parts
    const ended = await database.write(async (tx) => {
      const booking = await readBooking(tx, id)
      // Somebody may have taken control just now.
      if (booking?.state !== 'confirmed' || booking.lease !== null) return null
      await record(tx, {
        type: end.state === 'missed' ? 'booking.missed' : 'booking.over',
        actor: systemActor,
        board: booking.board,
        detail: { booking: id, owner: booking.owner },
      })
      return endBooking(tx, booking, { ...end, at: clock.now() })
    })
    if (ended) boards.changed.emit(ended.board)
  }

  async #missOffer({ id, board }: Booking): Promise<void> {
    const { boards, database, queue } = this.parts
    await database.write(async (tx) => {
      const entry = await readEntry(tx, { bookingId: id })
      const booking = await readBooking(tx, id)
      if (booking?.state !== 'held' || entry?.state !== 'offered') return
      await queue.dismiss(tx, entry, { reason: 'missed', by: systemActor })
    })
    boards.changed.emit(board)
  }

  /** Whoever was disabled, or has a role now that does not book, loses what they have. */
  async #endBarred(): Promise<void> {
    const { boards, bookings, clock, database, leases, queue } = this.parts
    const barred = await readBarred(database.reader)
    if (barred.length === 0) return
    for (const { id, holder, state } of await leases.live()) {
      if (state !== 'active' || !barred.includes(holder)) continue
      await leases.end(id, { reason: 'holder-disabled', actor: systemActor })
    }
    const now = clock.now()
    for (const person of barred) {
      const reason = 'Their account may not book boards any more.'
      const touched = await database.write(async (tx) => {
        const planned = await readLive(tx, { owner: person }, { start: 0, end: now + calendarMs })
        const own = planned.filter((one) => one.kind === 'booking' && one.lease === null)
        for (const entry of await readLine(tx, { person })) {
          await queue.dismiss(tx, entry, { reason: 'barred', by: systemActor })
        }
        for (const booking of own.filter((one) => one.state === 'confirmed')) {
          await bookings.cancelOne(tx, booking, { reason, actor: systemActor })
        }
        return own.map(({ board }) => board)
      })
      for (const board of new Set(touched)) boards.changed.emit(board)
    }
  }
}
