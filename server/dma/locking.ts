// Locking and unlocking memory: the intent is recorded before the host acts, the outcome after.

import { record } from '../audit/audit.ts'
import type { OutcomeKind, Outcomes } from '../audit/outcomes.ts'
import type { DeviceHost, HostLock } from '../boards/device-host.ts'
import type { Leases } from '../bookings/leases.ts'
import type { Clock } from '../clock.ts'
import type { LockLimits } from '../config.ts'
import type {
  DmaSession,
  DmaSessionSummary,
  Failure,
  LockRequest,
  SessionEndReason,
} from '../contract/dma-session.ts'
import type { Lease } from '../contract/lease.ts'
import { PinlabError, problemOf } from '../errors.ts'
import { EventChannel } from '../event-channel.ts'
import { type Actor, systemActor } from '../identity/permissions.ts'
import type { Database, Transaction } from '../plugins/database/database.ts'
import { checkLimits, requestedAs } from './session-rules.ts'
import {
  addSession,
  readLiveSessions,
  readSession,
  setEnded,
  setFailed,
  setLocked,
  sumLive,
} from './session-store.ts'

interface OfSession {
  session: string
  board: string
  actor: string
  at: number
}
type LockFailure = OfSession & { failure: Failure }
type SessionEnd = OfSession & { reason: SessionEndReason; request?: string }

export class Locking {
  /** A DMA session began, was locked, or ended. */
  readonly changed = new EventChannel<[board: string, session: string]>()
  readonly #failures: OutcomeKind<LockFailure, void>
  readonly #ends: OutcomeKind<SessionEnd, void>

  constructor(
    private readonly host: DeviceHost,
    private readonly leases: Leases,
    private readonly database: Database,
    private readonly outcomes: Outcomes,
    private readonly clock: Clock,
    private readonly limits: LockLimits,
  ) {
    const written = ({ board, session }: OfSession) => this.changed.emit(board, session)
    this.#failures = outcomes.kind('dma.lock.failed', writeFailure, { written })
    this.#ends = outcomes.kind('dma.lock.ended', writeEnd, { written })
  }

  async lock(
    board: string,
    actor: Actor,
    asked: LockRequest,
    request: string,
  ): Promise<DmaSession> {
    this.outcomes.checkRecordWorks()
    const { id, lease } = await this.#recordRequest(board, actor, asked, request)
    this.changed.emit(board, id)
    const { kind, byteLength, direction, options, maxPages, addressWidth } = asked
    let made: HostLock
    try {
      made = await this.host.lock({
        board,
        grant: grantOf(lease),
        lockId: id,
        owner: actor.id,
        kind,
        byteLength,
        options,
        ...(direction ? { direction } : {}),
        ...(maxPages === undefined ? {} : { maxPages }),
        ...(addressWidth === undefined ? {} : { addressWidth }),
      })
    } catch (error) {
      await this.#recordFailure(board, id, actor, error)
      throw error
    }
    return this.#recordGrant(board, id, actor, made)
  }

  async unlock(id: string, actor: Actor, request: string): Promise<DmaSession> {
    const session = await this.require(id)
    if (session.state !== 'locked') throw notLocked(session)
    await this.leases.controlOf(session.board, actor)
    await this.host.unlock(id)
    await this.#end(session, { reason: 'unlocked', actor: actor.id, request })
    return this.require(id)
  }

  async sync(id: string, actor: Actor, target: 'device' | 'cpu'): Promise<void> {
    await this.controlled(id, actor)
    await this.host.sync(id, target)
  }

  /** The session, whatever its state. */
  async require(id: string): Promise<DmaSession> {
    const session = await readSession(this.database.reader, id)
    if (!session) throw new PinlabError('PINLAB_SESSION_UNKNOWN', `There is no DMA session ${id}.`)
    return this.asItIs(session)
  }

  /** Those that are being locked or are locked, of one board or of all. */
  async live(where: { board?: string } = {}): Promise<DmaSessionSummary[]> {
    const sessions = await readLiveSessions(this.database.reader, where)
    return sessions.map((session) => this.asItIs(session)).filter(isLive)
  }

  /** Also where the database does not know yet how it ended. */
  asItIs<T extends DmaSessionSummary>(session: T): T {
    if (!isLive(session)) return session
    const ended = this.#ends.owed.find((owed) => owed.session === session.id)
    const failed = this.#failures.owed.find((owed) => owed.session === session.id)
    const over = ended ?? failed
    if (!over) return session
    const endedAt = new Date(over.at).toISOString()
    return ended
      ? { ...session, state: 'ended', endReason: ended.reason, endedAt }
      : { ...session, state: 'failed', failure: failed?.failure ?? null, endedAt }
  }

  /** The session, if its memory is locked now. */
  async requireLocked(id: string): Promise<DmaSession> {
    const session = await this.require(id)
    if (session.state !== 'locked') throw notLocked(session)
    return session
  }

  /** The session and the lease that lets this person change it now. */
  async controlled(id: string, actor: Actor): Promise<{ session: DmaSession; lease: Lease }> {
    const session = await this.requireLocked(id)
    return { session, lease: await this.leases.controlOf(session.board, actor) }
  }

  /** The host holds none of the board's locks any more: so say the sessions. */
  async endAll(board: string, reason: SessionEndReason): Promise<void> {
    for (const session of await this.live({ board })) {
      await this.#end(session, { reason, actor: systemActor })
    }
  }

  async #recordRequest(board: string, actor: Actor, asked: LockRequest, request: string) {
    return this.database.write(async (tx) => {
      const lease = await this.leases.controlOf(board, actor, tx)
      const locked = await this.#lockedNow(tx, lease)
      checkLimits(asked.byteLength, locked, this.limits)
      const { kind, byteLength, label } = asked
      const id = await addSession(tx, {
        board,
        leaseId: lease.id,
        owner: actor.id,
        ownerName: actor.name,
        label,
        kind,
        byteLength,
        ...requestedAs(asked),
        requestedAt: new Date(this.clock.now()),
      })
      const detail = { lease: lease.id, ...asked }
      await record(tx, {
        type: 'dma.lock.requested',
        actor: actor.id,
        board,
        session: id,
        request,
        detail,
      })
      return { id, lease }
    })
  }

  async #lockedNow(tx: Transaction, { id, board, holder }: Lease) {
    const ofLease = await sumLive(tx, { leaseId: id })
    return {
      board: (await sumLive(tx, { board })).byteLength,
      person: (await sumLive(tx, { owner: holder })).byteLength,
      host: (await sumLive(tx)).byteLength,
      locksOfLease: ofLease.locks,
    }
  }

  async #recordGrant(board: string, id: string, actor: Actor, made: HostLock): Promise<DmaSession> {
    try {
      const stillWanted = await this.database.write(async (tx) => {
        const locked = await setLocked(tx, id, made, new Date(this.clock.now()))
        const { addressKind, pageCount, direction, pages } = made
        const detail = { addressKind, pageCount, direction }
        const parts = [{ kind: 'addresses' as const, of: null, value: { pages } }]
        if (locked)
          await record(tx, {
            type: 'dma.lock.granted',
            actor: actor.id,
            board,
            session: id,
            detail,
            parts,
          })
        return locked
      })
      this.changed.emit(board, id)
      if (!stillWanted) {
        throw new PinlabError(
          'PINLAB_LEASE_ENDED',
          `The lease of ${board} ended while the memory was being locked.`,
        )
      }
    } catch (error) {
      // What is not in the record must not stay locked.
      await this.host.unlock(id).catch(() => {})
      await this.#recordFailure(board, id, actor, error)
      throw error
    }
    return this.require(id)
  }

  async #recordFailure(board: string, id: string, actor: Actor, error: unknown): Promise<void> {
    const { code, detail, wdStatus } = problemOf(error, id)
    const failure = { code, detail, wdStatus: wdStatus ?? null }
    const at = this.clock.now()
    await this.#failures.settle({ session: id, board, actor: actor.id, failure, at })
    this.changed.emit(board, id)
  }

  async #end(
    { id, board }: { id: string; board: string },
    end: { reason: SessionEndReason; actor: string; request?: string },
  ): Promise<void> {
    await this.#ends.settle({ session: id, board, ...end, at: this.clock.now() })
    this.changed.emit(board, id)
  }
}

async function writeFailure(tx: Transaction, failed: LockFailure): Promise<void> {
  const { session, board, actor, failure, at } = failed
  if (!(await setFailed(tx, session, failure, new Date(at)))) return
  await record(tx, { type: 'dma.lock.failed', actor, board, session, detail: failure })
}

async function writeEnd(tx: Transaction, end: SessionEnd): Promise<void> {
  const { session, board, actor, reason, request, at } = end
  if (!(await setEnded(tx, session, { reason, at: new Date(at) }))) return
  await record(tx, {
    ...{ type: 'dma.lock.ended', actor, board, session },
    ...(request ? { request } : {}),
    detail: { reason },
  })
}

const isLive = ({ state }: DmaSessionSummary) => state === 'requested' || state === 'locked'

export function grantOf({ id, endsAt }: Lease): { leaseId: string; deadline: number } {
  return { leaseId: id, deadline: Date.parse(endsAt) }
}

function notLocked({ id, state, endReason }: DmaSession): PinlabError {
  const how = endReason ? `${state} (${endReason})` : state
  return new PinlabError(
    'PINLAB_SESSION_NOT_LOCKED',
    `DMA session ${id} is ${how}. Lock memory again.`,
    {
      wdStatus: state === 'ended' ? 'WD_OPERATION_ALREADY_DONE' : null,
    },
  )
}
