// Bookings: planned intervals of boards, and what is in the way of them.

import { randomUUID } from 'node:crypto'
import { record } from '../audit/audit.ts'
import type { Boards } from '../boards/boards.ts'
import type { Clock } from '../clock.ts'
import type {
  Booking,
  BookingChange,
  BookingQuery,
  NewBooking,
  NewSeries,
  Series,
} from '../contract/booking.ts'
import { PinlabError } from '../errors.ts'
import type { Asking } from '../identity/people.ts'
import type { Actor } from '../identity/permissions.ts'
import type { Database, Transaction } from '../plugins/database/database.ts'
import { checkMovable, checkOwner } from './booking-rights.ts'
import {
  type Asked,
  checkConcurrent,
  checkFree,
  checkTimes,
  checkWeekly,
  intervalOf,
  isoOf,
  overlapRefusal,
} from './booking-rules.ts'
import {
  addBooking,
  endBooking,
  moveBooking,
  readBooking,
  readCalendar,
  readLive,
  readShare,
  readUpcoming,
} from './booking-store.ts'
import type { Leases } from './leases.ts'
import { rulesFor, weeksLater, weeksOf } from './policy-rules.ts'
import { readPolicy } from './policy-store.ts'
import { calendarMs, type Interval, overlap } from './slots.ts'

export class Bookings {
  constructor(
    private readonly boards: Boards,
    private readonly leases: Leases,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  list(query: BookingQuery, actor: Actor) {
    const { limit, cursor, board, from, to, mine, all } = query
    return readCalendar(this.database.reader, {
      limit,
      all,
      from: from === undefined ? new Date(this.clock.now()) : new Date(from),
      ...(cursor ? { cursor } : {}),
      ...(board ? { board } : {}),
      ...(to ? { to: new Date(to) } : {}),
      ...(mine ? { owner: actor.id } : {}),
    })
  }

  async find(id: string): Promise<Booking> {
    return this.#require(this.database.reader, id)
  }

  /** The booking of a board that is on, and the next ones. */
  upcoming(board: string, take: number): Promise<Booking[]> {
    const now = this.clock.now()
    return readLive(this.database.reader, { board }, { start: now, end: now + calendarMs }, take)
  }

  /** The same of all boards, by board. */
  async upcomingOfAll(take: number): Promise<Map<string, Booking[]>> {
    const found = new Map<string, Booking[]>()
    for (const booking of await readUpcoming(this.database.reader, this.clock.now(), take)) {
      const ofBoard = found.get(booking.board) ?? []
      found.set(booking.board, ofBoard)
      ofBoard.push(booking)
    }
    return found
  }

  async book(asked: NewBooking, { actor, request }: Asking): Promise<Booking> {
    const booking = await this.database.write((tx) =>
      this.#book(tx, asked, { actor, request }, undefined),
    )
    this.boards.changed.emit(booking.board)
    return booking
  }

  /** All of them, or none: the refusal lists what cannot be, and why. */
  async bookSeries({ weeks, ...first }: NewSeries, asking: Asking): Promise<Series> {
    const series = randomUUID()
    const bookings = await this.database.write(async (tx) => {
      const { timezone } = await readPolicy(tx)
      const made: Booking[] = []
      const failed: object[] = []
      for (let week = 0; week < weeks; week++) {
        const interval = weeksLater(timezone, intervalOf(first), week)
        const asked = { ...first, ...isoOf(interval) }
        try {
          made.push(await this.#book(tx, asked, asking, series))
        } catch (error) {
          if (!(error instanceof PinlabError)) throw error
          const { code, message: detail, members } = error
          failed.push({ start: asked.start, end: asked.end, code, detail, ...members })
        }
      }
      if (failed.length > 0) {
        throw new PinlabError(
          'PINLAB_BOOKING_SERIES',
          `${failed.length} of ${weeks} times cannot be booked, so none was.`,
          { members: { failed } },
        )
      }
      return made
    })
    this.boards.changed.emit(first.board)
    return { series, bookings }
  }

  /** Another time, board or note, of what has not begun. `version` is what the caller has seen. */
  async change(
    id: string,
    version: number,
    change: BookingChange,
    asking: Asking,
  ): Promise<Booking> {
    const { actor, request } = asking
    const { before, after } = await this.database.write(async (tx) => {
      const before = await this.#require(tx, id)
      checkOwner(before, actor, 'change')
      if (before.version !== version) {
        throw new PinlabError(
          'PINLAB_REQUEST_STALE',
          'The booking has changed meanwhile. Load again and repeat.',
        )
      }
      checkMovable(before)
      const { board = before.board, start = before.start, end = before.end, note } = change
      const interval = intervalOf({ start, end })
      const isMoved = board !== before.board || start !== before.start || end !== before.end
      if (isMoved) await this.#checkMove(tx, before, { board, interval }, actor)
      const after = await moveBooking(tx, id, {
        board,
        interval,
        ...(note === undefined ? {} : { note: note.trim() }),
      })
      if (!after) throw new Error(`a slot of ${board} was taken although it was free`)
      await record(tx, {
        type: 'booking.changed',
        actor: actor.id,
        board,
        request,
        detail: { booking: id, from: isoOf(intervalOf(before)), to: { start, end } },
      })
      return { before, after }
    })
    this.boards.changed.emit(after.board)
    if (before.board !== after.board) this.boards.changed.emit(before.board)
    return after
  }

  /** Of a series, `following`: this one and all later ones. A keeper may cancel anybody's, with a reason. */
  async cancel(
    id: string,
    { following, reason }: { following: boolean; reason?: string },
    { actor, request }: Asking,
  ): Promise<Booking> {
    const cancelled = await this.database.write(async (tx) => {
      const booking = await this.#require(tx, id)
      const isOwn = checkOwner(booking, actor, 'cancel')
      if (!isOwn && reason === undefined) {
        throw new PinlabError(
          'PINLAB_BOOKING_NOT_YOURS',
          `This is ${booking.ownerName}'s. Give a reason, which they are told.`,
        )
      }
      checkMovable(booking)
      const all = following && booking.series ? await this.#following(tx, booking) : [booking]
      for (const one of all) await this.cancelOne(tx, one, { reason, actor: actor.id, request })
      return this.#require(tx, id)
    })
    this.boards.changed.emit(cancelled.board)
    return cancelled
  }

  /** As part of somebody's transaction, who tells of it. */
  async cancelOne(
    tx: Transaction,
    booking: Booking,
    { reason, actor, request }: { reason?: string | undefined; actor: string; request?: string },
  ): Promise<void> {
    const at = this.clock.now()
    await endBooking(tx, booking, {
      state: 'cancelled',
      at,
      ...(reason ? { detail: reason } : {}),
    })
    await record(tx, {
      type: 'booking.cancelled',
      actor,
      board: booking.board,
      ...(request ? { request } : {}),
      detail: { booking: booking.id, owner: booking.owner, ...(reason ? { reason } : {}) },
    })
  }

  async #book(
    tx: Transaction,
    { board, start, end, note = '' }: NewBooking,
    { actor, request }: Asking,
    series: string | undefined,
  ): Promise<Booking> {
    await this.boards.state(board, tx)
    this.leases.checkClock()
    const wanted = intervalOf({ start, end })
    const asked = await this.#asked(tx, board, wanted)
    checkTimes(asked)
    checkFree(asked)
    const share = await this.#share(tx, actor.id, wanted)
    checkConcurrent(board, asked.rules, share)
    checkWeekly(asked, share)
    const now = this.clock.now()
    const booking = await addBooking(tx, {
      board,
      owner: actor.id,
      ownerName: actor.name,
      interval: wanted,
      note: note.trim(),
      state: 'confirmed',
      createdAt: now,
      ...(series ? { series } : {}),
    })
    if (!booking) throw new Error(`slots of ${board} are taken by no booking`)
    const detail = { booking: booking.id, ...isoOf(wanted), ...(series ? { series } : {}) }
    await record(tx, { type: 'booking.made', actor: actor.id, board, request, detail })
    return booking
  }

  async #checkMove(
    tx: Transaction,
    before: Booking,
    { board, interval }: { board: string; interval: Interval },
    actor: Actor,
  ): Promise<void> {
    await this.boards.state(board, tx)
    const all = await this.#asked(tx, board, interval)
    const asked = { ...all, busy: all.busy.filter(({ id }) => id !== before.id) }
    if (before.kind === 'maintenance') {
      const conflict = asked.busy.find((one) => overlap(intervalOf(one), interval))
      if (conflict) throw overlapRefusal(asked, conflict)
      return
    }
    checkTimes(asked)
    checkFree(asked)
    const share = await this.#share(tx, actor.id, interval)
    const others = { ...share, bookings: share.bookings.filter(({ id }) => id !== before.id) }
    checkConcurrent(board, asked.rules, others)
    checkWeekly(asked, others)
  }

  async #asked(tx: Transaction, board: string, wanted: Interval): Promise<Asked> {
    const now = this.clock.now()
    const rules = rulesFor(await readPolicy(tx), board)
    const busy = await readLive(tx, { board }, { start: now, end: now + calendarMs })
    return { board, wanted, rules, now, busy }
  }

  async #share(tx: Transaction, person: string, wanted: Interval) {
    const { timezone } = await readPolicy(tx)
    const weeks = weeksOf(timezone, wanted)
    const interval = {
      start: weeks[0]?.start ?? wanted.start,
      end: weeks.at(-1)?.end ?? wanted.end,
    }
    return { bookings: await readShare(tx, person, interval), now: this.clock.now() }
  }

  async #following(tx: Transaction, { series, start }: Booking): Promise<Booking[]> {
    const from = Date.parse(start)
    const all = await readLive(
      tx,
      { series: series ?? '' },
      { start: from, end: from + calendarMs },
    )
    return all.filter(({ lease }) => lease === null)
  }

  async #require(reader: Database['reader'] | Transaction, id: string): Promise<Booking> {
    const booking = await readBooking(reader, id)
    if (!booking) throw new PinlabError('PINLAB_BOOKING_UNKNOWN', `There is no booking ${id}.`)
    return booking
  }
}
