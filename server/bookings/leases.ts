// Leases: taking control of a board, sharing it, giving it back, and what ends by itself.

import { record } from '../audit/audit.ts'
import type { Boards } from '../boards/boards.ts'
import type { Clock } from '../clock.ts'
import type { Lease, LeaseEndReason } from '../contract/lease.ts'
import { PinlabError } from '../errors.ts'
import { EventChannel } from '../event-channel.ts'
import type { Asking } from '../identity/people.ts'
import { type Actor, systemActor } from '../identity/permissions.ts'
import type { Database, Transaction } from '../plugins/database/database.ts'
import { endBooking, readBooking } from './booking-store.ts'
import { checkBoardIsFree, checkControl, checkHolder, checkRunning } from './lease-rules.ts'
import {
  addLease,
  readLease,
  readLeaseOf,
  readLiveLeases,
  setLeaseEnd,
  setLeaseEnded,
  setLeaseEnding,
} from './lease-store.ts'
import type { LeaseTime } from './lease-time.ts'

/** So long before its end a lease goes over into the next booking of its holder. */
const carryOverMs = 60_000

interface End {
  reason: LeaseEndReason
  detail?: string
  actor: string
  request?: string
}

export class Leases {
  /** A lease began, changed or ended. */
  readonly changed = new EventChannel<[lease: Lease]>()
  /** A lease is ending: its board is `clearing` until somebody calls `finish`. */
  readonly ending = new EventChannel<[lease: Lease]>()

  constructor(
    private readonly boards: Boards,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly time: LeaseTime,
  ) {}

  async take(board: string, actor: Actor, request: string): Promise<Lease> {
    const lease = await this.database.write(async (tx) => {
      const row = await this.boards.state(board, tx)
      checkBoardIsFree(row, await readLeaseOf(tx, board))
      this.checkClock()
      const booking = await this.time.bookingFor(tx, board, actor)
      const added = await addLease(tx, {
        board,
        bookingId: booking.id,
        holder: actor.id,
        holderName: actor.name,
        startedAt: new Date(this.clock.now()),
        endsAt: new Date(booking.end),
      })
      if (!added) throw new PinlabError('PINLAB_LEASE_TAKEN', `Somebody took ${board} just now.`)
      await this.boards.setState(tx, { id: board, state: 'leased' })
      const detail = { lease: added.id, booking: booking.id, endsAt: added.endsAt }
      await record(tx, { type: 'lease.started', actor: actor.id, board, request, detail })
      return added
    })
    this.#changed(lease)
    return lease
  }

  async release(id: string, { actor, request }: Asking): Promise<Lease> {
    return this.#end(async (tx) => {
      const held = await this.#require(tx, id)
      checkHolder(held, actor.id)
      return this.beginEnd(tx, held, { reason: 'released', actor: actor.id, request })
    })
  }

  /** By a keeper; its holder is told the reason. */
  async revoke(id: string, reason: string, { actor, request }: Asking): Promise<Lease> {
    return this.#end(async (tx) => {
      const held = await this.#require(tx, id)
      const end = { reason: 'revoked', detail: reason, actor: actor.id, request } as const
      return this.beginEnd(tx, held, end)
    })
  }

  /** Refused where somebody follows or waits. */
  async extend(id: string, minutes: number | undefined, { actor, request }: Asking) {
    return this.change(id, actor, async (tx, lease) => {
      const endsAt = new Date(await this.time.extend(tx, lease, minutes))
      const detail = { lease: id, endsAt: endsAt.toISOString() }
      const { board } = lease
      await record(tx, { type: 'lease.extended', actor: actor.id, board, request, detail })
      return setLeaseEnd(tx, id, { endsAt })
    })
  }

  /** Changes a lease that runs. `holder`: null for what anybody with the route's permission may do. */
  async change(
    id: string,
    holder: Actor | null,
    work: (tx: Transaction, lease: Lease) => Promise<Lease>,
  ): Promise<Lease> {
    const lease = await this.database.write(async (tx) => {
      const held = await this.#require(tx, id)
      if (holder) checkHolder(held, holder.id)
      return work(tx, checkRunning(held, this.clock.now()))
    })
    this.#changed(lease)
    return lease
  }

  /** The lease that lets this person change the board now. */
  async controlOf(
    board: string,
    actor: Pick<Actor, 'id'>,
    reader: Transaction | Database['reader'] = this.database.reader,
  ): Promise<Lease> {
    await this.boards.state(board, reader)
    return checkControl(await readLeaseOf(reader, board), actor.id, board, this.clock.now())
  }

  /** Whether everyone signed in may see the board's bytes now. */
  async isWatchable(board: string): Promise<boolean> {
    const lease = await readLeaseOf(this.database.reader, board)
    return lease?.state === 'active' && lease.watchable
  }

  /** Active or ending, of all boards. */
  live(): Promise<Lease[]> {
    return readLiveLeases(this.database.reader)
  }

  current(
    board: string,
    reader: Transaction | Database['reader'] = this.database.reader,
  ): Promise<Lease | null> {
    return readLeaseOf(reader, board)
  }

  /** Begins the end of what is due, and wakes whoever clears boards for every lease that is ending. Called once a second. */
  async sweep(): Promise<void> {
    for (const lease of await readLiveLeases(this.database.reader)) {
      const left = Date.parse(lease.endsAt) - this.clock.now()
      if (lease.state === 'ending') this.ending.emit(lease)
      else if (left <= carryOverMs && (await this.#carryOver(lease.id))) continue
      else if (left <= 0) await this.end(lease.id, { reason: 'expired', actor: systemActor })
    }
  }

  /** At start: a board that came back while somebody has it is theirs again. */
  async reconcile(): Promise<void> {
    for (const { board, state } of await readLiveLeases(this.database.reader)) {
      if (state !== 'active') continue
      await this.database.write(async (tx) => {
        const row = await this.boards.state(board, tx)
        if (row.state === 'ready') await this.boards.setState(tx, { id: board, state: 'leased' })
      })
    }
  }

  /** Ends a lease unless it ends already. */
  async end(id: string, end: End): Promise<void> {
    await this.#end(async (tx) => {
      const held = await readLease(tx, id)
      return held?.state === 'active' ? this.beginEnd(tx, held, end) : null
    })
  }

  /** As part of somebody's transaction, who calls `tellEnding` after it. */
  async beginEnd(tx: Transaction, held: Lease, end: End): Promise<Lease> {
    const { id, board } = held
    if (held.state !== 'active') {
      throw new PinlabError('PINLAB_LEASE_ENDED', `The lease of ${board} has ended already.`)
    }
    const { reason, detail } = end
    const lease = await setLeaseEnding(tx, held, { reason, ...(detail ? { detail } : {}) })
    const booking = lease.booking === null ? null : await readBooking(tx, lease.booking)
    if (booking?.state === 'confirmed') {
      await endBooking(tx, booking, { state: 'over', at: this.clock.now() })
    }
    const { state } = await this.boards.state(board, tx)
    if (state === 'leased') await this.boards.setState(tx, { id: board, state: 'clearing' })
    await record(tx, {
      type: 'lease.ending',
      actor: end.actor,
      board,
      ...(end.request ? { request: end.request } : {}),
      detail: { lease: id, reason, ...(detail ? { why: detail } : {}) },
    })
    return lease
  }

  tellEnding(lease: Lease): void {
    this.#changed(lease)
    this.ending.emit(lease)
  }

  /** The stopping sequence is over: the lease has ended and the board is free, or is not fit for the next person. */
  async finish(
    id: string,
    { state, reason }: { state: 'ready' | 'quarantined' | 'offline'; reason?: string },
  ): Promise<void> {
    const lease = await this.database.write(async (tx) => {
      const held = await this.#require(tx, id)
      const ended = await setLeaseEnded(tx, held, new Date(this.clock.now()))
      const before = await this.boards.state(ended.board, tx)
      // What was found before stands: a board that is out of use does not change by the end of a lease.
      if (before.state !== state && before.state !== 'quarantined') {
        await this.boards.setState(tx, { id: ended.board, state, ...(reason ? { reason } : {}) })
      }
      const detail = { lease: id, reason: ended.endReason }
      await record(tx, { type: 'lease.ended', actor: systemActor, board: ended.board, detail })
      return ended
    })
    this.#changed(lease)
  }

  /** Refuses new leases while nobody knows what time it is. */
  checkClock(): void {
    const step = this.clock.step()
    if (!step) return
    const minutes = Math.round(Math.abs(step.byMs) / 60_000)
    throw new PinlabError(
      'PINLAB_CLOCK_STEPPED',
      `The clock of the host was moved ${step.byMs > 0 ? 'forward' : 'back'} by ${minutes} minutes. Leases that run go on; new ones wait until a keeper has looked at it (page Doctor).`,
    )
  }

  async #carryOver(id: string): Promise<boolean> {
    const lease = await this.database.write(async (tx) => {
      const held = await readLease(tx, id)
      if (held?.state !== 'active') return null
      const next = await this.time.follows(tx, held)
      if (!next) return null
      const before = held.booking === null ? null : await readBooking(tx, held.booking)
      const endsAt = new Date(next.end)
      const carried = await setLeaseEnd(tx, id, { endsAt, booking: next.id })
      // Its slots stay until they have passed: nobody else could use the rest of its last minute.
      if (before?.state === 'confirmed') {
        await endBooking(tx, before, { state: 'over', at: Date.parse(before.end) })
      }
      const detail = { lease: id, booking: next.id, endsAt: next.end }
      const { board } = held
      await record(tx, { type: 'lease.extended', actor: systemActor, board, detail })
      return carried
    })
    if (lease) this.#changed(lease)
    return lease !== null
  }

  async #end(begin: (tx: Transaction) => Promise<Lease>): Promise<Lease>
  async #end(begin: (tx: Transaction) => Promise<Lease | null>): Promise<Lease | null>
  async #end(begin: (tx: Transaction) => Promise<Lease | null>): Promise<Lease | null> {
    const lease = await this.database.write(begin)
    if (lease) this.tellEnding(lease)
    return lease
  }

  async #require(tx: Transaction, id: string): Promise<Lease> {
    const lease = await readLease(tx, id)
    if (!lease) throw new PinlabError('PINLAB_LEASE_UNKNOWN', `There is no lease ${id}.`)
    return lease
  }

  #changed(lease: Lease): void {
    this.changed.emit(lease)
    this.boards.changed.emit(lease.board)
  }
}
