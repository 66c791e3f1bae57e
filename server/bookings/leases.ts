// Leases: taking control of a board, giving it back, and what ends by itself.

import { record } from '../audit/audit.ts'
import type { Boards } from '../boards/boards.ts'
import type { Clock } from '../clock.ts'
import type { Lease, LeaseEndReason } from '../contract/lease.ts'
import { PinlabError } from '../errors.ts'
import { EventChannel } from '../event-channel.ts'
import { type Actor, systemActor } from '../identity/permissions.ts'
import type { Database, Transaction } from '../plugins/database/database.ts'
import { checkBoardIsFree, checkControl } from './lease-rules.ts'
import {
  addLease,
  readLease,
  readLeaseOf,
  readLiveLeases,
  setLeaseEnded,
  setLeaseEnding,
} from './lease-store.ts'

export class Leases {
  /** A lease began or ended. */
  readonly changed = new EventChannel<[lease: Lease]>()
  /** A lease is ending: its board is `clearing` until somebody calls `finish`. */
  readonly ending = new EventChannel<[lease: Lease]>()

  constructor(
    private readonly boards: Boards,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly leaseMs: number,
  ) {}

  async take(board: string, actor: Actor, request: string): Promise<Lease> {
    const lease = await this.database.write(async (tx) => {
      const row = await this.boards.state(board, tx)
      checkBoardIsFree(row, await readLeaseOf(tx, board))
      const now = this.clock.now()
      const times = { startedAt: new Date(now), endsAt: new Date(now + this.leaseMs) }
      const added = await addLease(tx, {
        board,
        holder: actor.id,
        holderName: actor.name,
        ...times,
      })
      if (!added) throw new PinlabError('PINLAB_LEASE_TAKEN', `Somebody took ${board} just now.`)
      await this.boards.setState(tx, { id: board, state: 'leased' })
      const detail = { lease: added.id, endsAt: added.endsAt }
      await record(tx, { type: 'lease.started', actor: actor.id, board, request, detail })
      return added
    })
    this.#changed(lease)
    return lease
  }

  async release(id: string, actor: Actor, request: string): Promise<Lease> {
    const lease = await this.database.write(async (tx) => {
      const held = await readLease(tx, id)
      if (!held) throw new PinlabError('PINLAB_LEASE_UNKNOWN', `There is no lease ${id}.`)
      if (held.holder !== actor.id) {
        throw new PinlabError('PINLAB_LEASE_REQUIRED', `This lease is ${held.holderName}'s.`)
      }
      if (held.state !== 'active') {
        throw new PinlabError('PINLAB_LEASE_ENDED', `The lease of ${held.board} has ended already.`)
      }
      return this.#beginEnd(tx, held, { reason: 'released', actor: actor.id, request })
    })
    this.#changed(lease)
    this.ending.emit(lease)
    return lease
  }

  /** The lease that lets this person change the board now. */
  async controlOf(
    board: string,
    actor: Actor,
    reader: Transaction | Database['reader'] = this.database.reader,
  ): Promise<Lease> {
    await this.boards.state(board, reader)
    return checkControl(await readLeaseOf(reader, board), actor.id, board, this.clock.now())
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
      if (lease.state === 'ending') this.ending.emit(lease)
      else if (Date.parse(lease.endsAt) <= this.clock.now()) await this.#expire(lease.id)
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

  async #expire(id: string): Promise<void> {
    const lease = await this.database.write(async (tx) => {
      const held = await readLease(tx, id)
      if (held?.state !== 'active') return null
      return this.#beginEnd(tx, held, { reason: 'expired', actor: systemActor })
    })
    if (!lease) return
    this.#changed(lease)
    this.ending.emit(lease)
  }

  /** The stopping sequence is over: the lease has ended and the board is free, or is not fit for the next person. */
  async finish(
    id: string,
    { state, reason }: { state: 'ready' | 'quarantined' | 'offline'; reason?: string },
  ): Promise<void> {
    const lease = await this.database.write(async (tx) => {
      const ended = await setLeaseEnded(tx, id, new Date(this.clock.now()))
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

  async #beginEnd(
    tx: Transaction,
    { id, board }: Lease,
    end: { reason: LeaseEndReason; actor: string; request?: string },
  ): Promise<Lease> {
    const lease = await setLeaseEnding(tx, id, end.reason)
    const { state } = await this.boards.state(board, tx)
    if (state === 'leased') await this.boards.setState(tx, { id: board, state: 'clearing' })
    await record(tx, {
      type: 'lease.ending',
      actor: end.actor,
      board,
      ...(end.request ? { request: end.request } : {}),
      detail: { lease: id, reason: end.reason },
    })
    return lease
  }

  #changed(lease: Lease): void {
    this.changed.emit(lease)
    this.boards.changed.emit(lease.board)
  }
}
