// The waiting lines: who wants a board as soon as it is free.

import { record } from '../audit/audit.ts'
import type { Boards } from '../boards/boards.ts'
import type { Clock } from '../clock.ts'
import type { Booking, QueueEntry } from '../contract/booking.ts'
import { offerMinutes, queueLimits } from '../contract/limits.ts'
import { PinlabError } from '../errors.ts'
import type { Asking } from '../identity/people.ts'
import { systemActor } from '../identity/permissions.ts'
import type { Database, Transaction } from '../plugins/database/database.ts'
import { intervalOf } from './booking-rules.ts'
import { addBooking, endBooking, readBooking, readLive } from './booking-store.ts'
import { readLeaseOf } from './lease-store.ts'
import { rulesFor } from './policy-rules.ts'
import { readPolicy } from './policy-store.ts'
import type { QueuePlaces } from './queue-places.ts'
import { lineOf, lookAheadMs, offerEnd, type QueueBoard, suits } from './queue-rules.ts'
import { addEntry, type QueueRow, readEntry, readLine, setEntry } from './queue-store.ts'
import { minuteMs } from './slots.ts'

export class Queue {
  constructor(
    private readonly places: QueuePlaces,
    private readonly boards: Boards,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async join(board: string, asking: Asking): Promise<QueueEntry> {
    await this.boards.describeOne(board)
    return this.#join({ board, tags: [] }, asking)
  }

  /** For any board that has all of the tags. */
  async joinByTags(tags: string[], asking: Asking): Promise<QueueEntry> {
    return this.#join({ board: null, tags }, asking)
  }

  async leaveBoard(board: string, asking: Asking): Promise<void> {
    const entries = await readLine(this.database.reader, { person: asking.actor.id })
    const entry = entries.find((one) => one.board === board)
    if (!entry) throw unknownEntry()
    await this.leave(entry.id, asking)
  }

  /** An offer that was made goes to the next. */
  async leave(id: string, { actor, request }: Asking): Promise<void> {
    await this.database.write(async (tx) => {
      const entry = await readEntry(tx, { id })
      if (!entry || entry.state === 'ended' || entry.person !== actor.id) throw unknownEntry()
      await this.dismiss(tx, entry, { reason: 'left', by: actor.id, request })
    })
    await this.#tellOf(id)
  }

  /** Whether somebody else has waited longer for the board than this person. */
  async isAhead(tx: Transaction, board: string, person: string): Promise<boolean> {
    const line = await this.#line(tx, board)
    const [first] = line.filter(({ state }) => state === 'waiting')
    return first !== undefined && first.person !== person
  }

  /** The person has the board now: their places in its line end, and what else was offered to one of them goes to the next. */
  async endClaimed(tx: Transaction, board: string, person: string): Promise<void> {
    for (const entry of await this.#line(tx, board)) {
      if (entry.person !== person) continue
      const offer = entry.bookingId === null ? null : await readBooking(tx, entry.bookingId)
      // The offer of this board was confirmed by taking it; this is one of another board, to somebody who waits by tags.
      if (offer?.state === 'held') {
        const detail = `Its person took ${board} instead.`
        await endBooking(tx, offer, { state: 'cancelled', at: this.clock.now(), detail })
      }
      await setEntry(tx, entry, { state: 'ended', reason: 'claimed' })
    }
  }

  /** Ends a place, and the offer with it. */
  async dismiss(
    tx: Transaction,
    entry: QueueRow,
    { reason, by, request }: { reason: 'left' | 'missed' | 'barred'; by: string; request?: string },
  ): Promise<void> {
    const offer = entry.bookingId === null ? null : await readBooking(tx, entry.bookingId)
    if (offer?.state === 'held') {
      const state = reason === 'missed' ? 'missed' : 'cancelled'
      const detail = reason === 'missed' ? 'The offer was not claimed in time.' : undefined
      await endBooking(tx, offer, { state, at: this.clock.now(), ...(detail ? { detail } : {}) })
    }
    await setEntry(tx, entry, { state: 'ended', reason })
    await record(tx, {
      type: reason === 'missed' ? 'queue.missed' : 'queue.left',
      actor: by,
      ...((entry.board ?? offer?.board) ? { board: entry.board ?? offer?.board ?? '' } : {}),
      ...(request ? { request } : {}),
      detail: { entry: entry.id, person: entry.person, reason },
    })
  }

  /** The board cannot be had any more. */
  async withdrawOffer(offer: Booking): Promise<void> {
    await this.database.write(async (tx) => {
      const held = await readBooking(tx, offer.id)
      if (held?.state !== 'held') return
      await this.withdraw(tx, held, 'The board went out of use before the offer was claimed.')
    })
    this.boards.changed.emit(offer.board)
  }

  /** As part of somebody's transaction: whoever it was offered to waits again, in front. */
  async withdraw(tx: Transaction, offer: Booking, detail: string): Promise<void> {
    await endBooking(tx, offer, { state: 'cancelled', at: this.clock.now(), detail })
    const entry = await readEntry(tx, { bookingId: offer.id })
    if (entry?.state === 'offered') await setEntry(tx, entry, { state: 'waiting' })
  }

  /** Offers boards that are free to whoever has waited longest for one like them. Called by the sweep. */
  async offer(): Promise<void> {
    const waiting = (await readLine(this.database.reader)).some(({ state }) => state === 'waiting')
    if (!waiting) return
    for (const board of await this.#boards()) {
      if (await this.#offerBoard(board)) this.boards.changed.emit(board.id)
    }
  }

  #offerBoard(board: QueueBoard): Promise<boolean> {
    return this.database.write(async (tx) => {
      const line = await this.#line(tx, board.id, board)
      const [first] = line.filter(({ state }) => state === 'waiting')
      if (!first) return false
      const { state } = await this.boards.state(board.id, tx)
      if (state !== 'ready' || (await readLeaseOf(tx, board.id))) return false
      const now = this.clock.now()
      const { defaultMinutes } = rulesFor(await readPolicy(tx), board.id)
      const busy = await readLive(tx, { board: board.id }, { start: now, end: now + lookAheadMs })
      if (busy.some((one) => Date.parse(one.start) <= now)) return false
      const end = offerEnd(busy.map(intervalOf), { now, defaultMinutes })
      if (end === null) return false
      const offer = await addBooking(tx, {
        board: board.id,
        owner: first.person,
        ownerName: first.personName,
        interval: { start: now, end },
        state: 'held',
        claimBy: now + offerMinutes.claim * minuteMs,
        createdAt: now,
      })
      if (!offer) return false
      await setEntry(tx, first, { state: 'offered', bookingId: offer.id })
      const detail = { entry: first.id, booking: offer.id, person: first.person, end: offer.end }
      await record(tx, { type: 'queue.offered', actor: systemActor, board: board.id, detail })
      return true
    })
  }

  async #join(
    wanted: Pick<QueueRow, 'board' | 'tags'>,
    { actor, request }: Asking,
  ): Promise<QueueEntry> {
    const boards = await this.#boards()
    const suited = boards.filter((board) => suits(wanted, board))
    if (suited.length === 0) {
      throw new PinlabError(
        'PINLAB_QUEUE_TAGS',
        `No board has all of the tags ${wanted.tags.join(', ')}. GET /api/v1/boards shows the tags of each.`,
      )
    }
    const entry = await this.database.write(async (tx) => {
      const entries = await readLine(tx)
      const own = entries.filter(({ person }) => person === actor.id)
      checkMayJoin(wanted, own)
      for (const board of suited) {
        const { id } = board
        const lease = await readLeaseOf(tx, id)
        if (wanted.board === id && lease?.state === 'active' && lease.holder === actor.id) {
          throw new PinlabError(
            'PINLAB_QUEUE_HOLDER',
            `You have ${id} until ${lease.endsAt}. Extend your time instead.`,
          )
        }
        if (lineOf(entries, board).length >= queueLimits.perBoard) {
          throw new PinlabError(
            'PINLAB_QUEUE_LIMIT',
            `${queueLimits.perBoard} people wait for ${id} already. Book a time instead.`,
          )
        }
      }
      const joinedAt = new Date(this.clock.now())
      const added = await addEntry(tx, {
        person: actor.id,
        personName: actor.name,
        ...wanted,
        joinedAt,
      })
      await record(tx, {
        type: 'queue.joined',
        actor: actor.id,
        ...(wanted.board ? { board: wanted.board } : {}),
        request,
        detail: { entry: added.id, tags: wanted.tags },
      })
      return added
    })
    for (const { id } of suited) this.boards.changed.emit(id)
    const place = await this.places.find(entry.id)
    if (!place) throw unknownEntry()
    return place
  }

  async #tellOf(id: string): Promise<void> {
    const entry = await readEntry(this.database.reader, { id })
    if (!entry) return
    for (const board of await this.#boards()) {
      if (suits(entry, board)) this.boards.changed.emit(board.id)
    }
  }

  async #boards(): Promise<QueueBoard[]> {
    return (await this.boards.describe()).map(({ id, tags }) => ({ id, tags }))
  }

  async #line(tx: Transaction, board: string, known?: QueueBoard): Promise<QueueRow[]> {
    const entries = await readLine(tx)
    if (entries.length === 0) return []
    const found = known ?? (await this.#boards()).find(({ id }) => id === board)
    return found ? lineOf(entries, found) : []
  }
}

function checkMayJoin(wanted: Pick<QueueRow, 'board' | 'tags'>, own: QueueRow[]): void {
  const same = own.find(
    (entry) =>
      entry.board === wanted.board &&
      entry.tags.toSorted().join('\n') === wanted.tags.toSorted().join('\n'),
  )
  if (same) {
    throw new PinlabError(
      'PINLAB_QUEUE_JOINED',
      `You have waited since ${same.joinedAt.toISOString()}.`,
    )
  }
  if (own.length >= queueLimits.perPerson) {
    throw new PinlabError(
      'PINLAB_QUEUE_LIMIT',
      `You may wait in ${queueLimits.perPerson} lines at once. Leave one first.`,
    )
  }
}

function unknownEntry(): PinlabError {
  return new PinlabError('PINLAB_QUEUE_UNKNOWN', 'You do not wait here, or not any more.')
}
