// Leases: taking control of a board, sharing it, giving it back, and what ends by itself.

import { record } from '../audit/audit.ts'
import type { Outcomes } from '../audit/outcomes.ts'
import type { Boards } from '../boards/boards.ts'
import type { Clock } from '../clock.ts'
import type { Lease } from '../contract/lease.ts'
import { PinlabError } from '../errors.ts'
import { EventChannel } from '../event-channel.ts'
import type { Asking } from '../identity/people.ts'
import { type Actor, systemActor } from '../identity/permissions.ts'
import { type Database, isRefusal, type Transaction } from '../plugins/database/database.ts'
import { endBooking, readBooking } from './booking-store.ts'
import { type End, type Finish, hasEnded, LeaseEnds } from './lease-ends.ts'
import { checkBoardIsFree, checkControl, checkHolder, checkRunning } from './lease-rules.ts'
import { addLease, readLease, readLeaseOf, readLiveLeases, setLeaseEnd } from './lease-store.ts'
import type { LeaseTime } from './lease-time.ts'

/** So long before its end a lease goes over into the next booking of its holder. */
const carryOverMs = 60_000

export class Leases {
  /** A lease began, changed or ended. */
  readonly changed = new EventChannel<[lease: Lease]>()
  /** A lease is ending: its board is `clearing` until somebody calls `finish`. */
  readonly ending = new EventChannel<[lease: Lease]>()
  readonly #ends: LeaseEnds

  constructor(
    private readonly boards: Boards,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly time: LeaseTime,
    outcomes: Outcomes,
  ) {
    this.#ends = new LeaseEnds(boards, clock, outcomes)
  }

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
    const held = await this.#require(this.database.reader, id)
    checkHolder(held, actor.id)
    return this.#endNow(held, { reason: 'released', actor: actor.id, request })
  }

  /** By a keeper; its holder is told the reason. */
  async revoke(id: string, reason: string, { actor, request }: Asking): Promise<Lease> {
    const held = await this.#require(this.database.reader, id)
    return this.#endNow(held, { reason: 'revoked', detail: reason, actor: actor.id, request })
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
    return checkControl(await this.current(board, reader), actor.id, board, this.clock.now())
  }

  /** Whether everyone signed in may see the board's bytes now. */
  async isWatchable(board: string): Promise<boolean> {
    const lease = await this.current(board)
    return lease?.state === 'active' && lease.watchable
  }

  /** Active or ending, of all boards. */
  async live(): Promise<Lease[]> {
    return (await readLiveLeases(this.database.reader)).map((lease) => this.#ends.asItIs(lease))
  }

  async current(
    board: string,
    reader: Transaction | Database['reader'] = this.database.reader,
  ): Promise<Lease | null> {
    const lease = await readLeaseOf(reader, board)
    return lease && this.#ends.asItIs(lease)
  }

  /** Begins the end of what is due, and wakes whoever clears boards for every lease that is ending. Called once a second. */
  async sweep(): Promise<void> {
    for (const lease of await this.live()) {
      const left = Date.parse(lease.endsAt) - this.clock.now()
      if (this.#ends.isFinished(lease.id)) continue
      if (lease.state === 'ending') this.ending.emit(lease)
      else if (left <= carryOverMs && (await this.#mayGoOn(lease.id))) continue
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
    const held = await this.#require(this.database.reader, id)
    if (held.state === 'active') await this.#begin(held, end)
  }

  /** As part of somebody's transaction, who calls `tellEnding` after it. */
  beginEnd(tx: Transaction, held: Lease, end: End): Promise<Lease> {
    return this.#ends.begin(tx, held, end)
  }

  tellEnding(lease: Lease): void {
    this.#changed(lease)
    this.ending.emit(lease)
  }

  /** The stopping sequence is over: the lease has ended and the board is free, or is not fit for the next person. */
  async finish(
    { id, board }: Pick<Lease, 'id' | 'board'>,
    to: Pick<Finish, 'state' | 'reason'>,
  ): Promise<void> {
    const lease = await this.#ends.finish({ lease: id, board, ...to })
    if (lease) this.#changed(lease)
    else this.boards.changed.emit(board)
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

  /** Where the database refuses, a lease ends when it was to. */
  async #mayGoOn(id: string): Promise<boolean> {
    try {
      return await this.#carryOver(id)
    } catch (error) {
      if (isRefusal(error)) return false
      throw error
    }
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

  async #endNow(held: Lease, end: End): Promise<Lease> {
    const lease = await this.#begin(held, end)
    if (lease) return lease
    throw hasEnded(held)
  }

  /** Null when it was ending already. Begun even where the database refuses to know of it: boards stop and memory is unlocked. */
  async #begin(held: Lease, end: End): Promise<Lease | null> {
    if (held.state !== 'active') return null
    const lease = await this.#ends.settle(held, end)
    if (lease) this.tellEnding(lease)
    return lease
  }

  async #require(reader: Transaction | Database['reader'], id: string): Promise<Lease> {
    const lease = await readLease(reader, id)
    if (!lease) throw new PinlabError('PINLAB_LEASE_UNKNOWN', `There is no lease ${id}.`)
    return this.#ends.asItIs(lease)
  }

  #changed(lease: Lease): void {
    this.changed.emit(lease)
    this.boards.changed.emit(lease.board)
  }
}
