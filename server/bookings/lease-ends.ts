// How leases end, also while the database refuses to know of it: boards stop and memory is unlocked all the same.

import { record } from '../audit/audit.ts'
import type { OutcomeKind, Outcomes } from '../audit/outcomes.ts'
import type { Boards } from '../boards/boards.ts'
import type { Clock } from '../clock.ts'
import type { Lease, LeaseEndReason } from '../contract/lease.ts'
import { PinlabError } from '../errors.ts'
import { systemActor } from '../identity/permissions.ts'
import type { Transaction } from '../plugins/database/database.ts'
import { endBooking, readBooking } from './booking-store.ts'
import { readLease, setLeaseEnded, setLeaseEnding } from './lease-store.ts'

export interface End {
  reason: LeaseEndReason
  detail?: string
  actor: string
  request?: string
}

/** The stopping sequence of a lease is over. */
export interface Finish {
  lease: string
  board: string
  state: 'ready' | 'quarantined' | 'offline'
  reason?: string
}

type Ending = End & { lease: string; board: string; at: number }
type Ended = Finish & { at: number }

export class LeaseEnds {
  readonly #endings: OutcomeKind<Ending, Lease | null>
  readonly #endeds: OutcomeKind<Ended, Lease | null>

  constructor(
    private readonly boards: Boards,
    private readonly clock: Clock,
    outcomes: Outcomes,
  ) {
    const written = ({ board }: Ending | Ended) => boards.changed.emit(board)
    this.#endings = outcomes.kind('lease.ending', (tx, end: Ending) => this.#writeEnding(tx, end), {
      written,
    })
    this.#endeds = outcomes.kind('lease.ended', (tx, end: Ended) => this.#writeEnded(tx, end), {
      written,
    })
  }

  /** The lease as it is, also where the database does not know yet that it is ending. */
  asItIs(lease: Lease): Lease {
    const end = this.#endings.owed.find((owed) => owed.lease === lease.id)
    return end && lease.state === 'active' ? asEnding(lease, end) : lease
  }

  /** Whether its stopping sequence is over, which the database does not know yet. */
  isFinished(id: string): boolean {
    return this.#endeds.owed.some(({ lease }) => lease === id)
  }

  /** Null when it was ending already. */
  async settle(held: Lease, end: End): Promise<Lease | null> {
    const { id: lease, board } = held
    const at = this.clock.now()
    const written = await this.#endings.settle({ lease, board, ...end, at })
    return written === undefined ? asEnding(held, end) : written
  }

  /** Undefined when the database does not know of it yet, null when it had ended already. */
  finish(finish: Finish): Promise<Lease | null | undefined> {
    return this.#endeds.settle({ ...finish, at: this.clock.now() })
  }

  /** As part of somebody's transaction. */
  async begin(
    tx: Transaction,
    held: Lease,
    end: End,
    at: number = this.clock.now(),
  ): Promise<Lease> {
    const { id, board } = held
    if (held.state !== 'active') throw hasEnded(held)
    const { reason, detail } = end
    const lease = await setLeaseEnding(tx, held, { reason, ...(detail ? { detail } : {}) })
    const booking = lease.booking === null ? null : await readBooking(tx, lease.booking)
    if (booking?.state === 'confirmed') await endBooking(tx, booking, { state: 'over', at })
    const { state } = await this.boards.state(board, tx)
    if (state === 'leased') await this.boards.setState(tx, { id: board, state: 'clearing', at })
    await record(tx, {
      type: 'lease.ending',
      actor: end.actor,
      board,
      ...(end.request ? { request: end.request } : {}),
      detail: { lease: id, reason, ...(detail ? { why: detail } : {}) },
    })
    return lease
  }

  async #writeEnding(tx: Transaction, end: Ending): Promise<Lease | null> {
    const held = await readLease(tx, end.lease)
    return held?.state === 'active' ? this.begin(tx, held, end, end.at) : null
  }

  async #writeEnded(tx: Transaction, end: Ended): Promise<Lease | null> {
    const { lease: id, state, reason, at } = end
    const held = await readLease(tx, id)
    if (held?.state !== 'ending') return null
    const ended = await setLeaseEnded(tx, held, new Date(at))
    const { board } = ended
    const before = await this.boards.state(board, tx)
    // What was found before stands: a board that is out of use does not change by the end of a lease.
    if (before.state !== state && before.state !== 'quarantined') {
      await this.boards.setState(tx, { id: board, state, at, ...(reason ? { reason } : {}) })
    }
    const detail = { lease: id, reason: ended.endReason }
    await record(tx, { type: 'lease.ended', actor: systemActor, board, detail })
    return ended
  }
}

function asEnding(lease: Lease, { reason, detail }: End): Lease {
  return { ...lease, state: 'ending', endReason: reason, endDetail: detail ?? null }
}

export function hasEnded({ board }: Lease): PinlabError {
  return new PinlabError('PINLAB_LEASE_ENDED', `The lease of ${board} has ended already.`)
}
