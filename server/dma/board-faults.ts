// What boards did wrong: recorded, kept for the bench, and a board that does not answer taken out of use.

import type { FastifyBaseLogger } from 'fastify'
import { record } from '../audit/audit.ts'
import type { OutcomeKind, Outcomes } from '../audit/outcomes.ts'
import type { Boards } from '../boards/boards.ts'
import type { DeviceHost, HostEvent } from '../boards/device-host.ts'
import type { Clock } from '../clock.ts'
import type { BoardFault, FaultKind } from '../contract/board.ts'
import type { Lease } from '../contract/lease.ts'
import { mostFaults } from '../contract/limits.ts'
import { EventChannel } from '../event-channel.ts'
import { systemActor } from '../identity/permissions.ts'
import type { Transaction } from '../plugins/database/database.ts'

type RecordedFault = { board: string } & Omit<BoardFault, 'at' | 'lastAt'>
type FaultEvent = Extract<HostEvent, { type: 'fault' }>

const recordPeriodMs = 1000
/** After one of these nothing more is to be had from the board until it is opened anew. */
const finalKinds: ReadonlySet<FaultKind> = new Set(['linkLost', 'removed'])

export class BoardFaults {
  /** A board has a new fault. */
  readonly changed = new EventChannel<[board: string]>()
  /** Newest first. */
  readonly #latest = new Map<string, BoardFault[]>()
  readonly #recordedAt = new Map<string, number>()
  readonly #lost = new Map<string, Set<FaultKind>>()
  readonly #records: OutcomeKind<RecordedFault, void>

  constructor(
    host: DeviceHost,
    private readonly boards: Boards,
    outcomes: Outcomes,
    private readonly clock: Clock,
    private readonly log: FastifyBaseLogger,
  ) {
    this.#records = outcomes.kind('board.fault', (tx, fault) => this.#write(tx, fault), {
      mayBeLeftOut: ({ kind }) => !finalKinds.has(kind),
    })
    host.subscribe((event) => {
      if (event.type === 'fault') this.#hear(event)
    })
  }

  /** The newest ones, newest first: since the lease began, or of the last lease where there is none. */
  of(board: string, lease: Lease | null): BoardFault[] {
    const latest = this.#latest.get(board) ?? []
    return lease ? latest.filter(({ at }) => at >= lease.startedAt) : latest
  }

  /** It was opened anew: what is lost from here on is another loss. */
  forget(board: string): void {
    this.#lost.delete(board)
  }

  #hear({ board, kind, channel, address, nearestLockId, detail, count = 1 }: FaultEvent): void {
    const before = this.#latest.get(board) ?? []
    const [newest, ...older] = before
    // Each run and each register that meets a lost link tells of the same loss.
    if (finalKinds.has(kind)) {
      const lost = this.#lost.get(board) ?? new Set()
      if (lost.has(kind)) return
      this.#lost.set(board, lost.add(kind))
    }
    const at = new Date(this.clock.now()).toISOString()
    const where = {
      channel: channel ?? null,
      address: address ?? null,
      nearestSession: nearestLockId ?? null,
    }
    const fault = { kind, at, lastAt: at, count, ...where, detail }
    // One engine that goes astray is one line, however many of its accesses were refused.
    const again = kind === 'iommu' && newest?.kind === kind && newest.channel === where.channel
    const latest = again
      ? [{ ...newest, lastAt: at, count: newest.count + count }, ...older]
      : [fault, ...before].slice(0, mostFaults)
    this.#latest.set(board, latest)
    this.#record(board, fault).catch((error) =>
      this.log.error({ err: error, board }, 'a fault of a board could not be recorded'),
    )
    this.changed.emit(board)
  }

  /**
   * A board that faults at every access would fill the log: one record a second for each kind says enough. Refused accesses are
   * counted in their transfer's record.
   */
  async #record(board: string, fault: BoardFault): Promise<void> {
    const { kind, channel, address, nearestSession, count, detail } = fault
    const key = `${board} ${kind}`
    const now = this.clock.now()
    const since = now - (this.#recordedAt.get(key) ?? Number.NEGATIVE_INFINITY)
    if (since < recordPeriodMs && !finalKinds.has(kind)) return
    this.#recordedAt.set(key, now)
    this.log.warn({ board, kind, channel, address }, detail)
    await this.#records.settle({ board, kind, channel, address, nearestSession, count, detail })
    this.boards.changed.emit(board)
  }

  async #write(tx: Transaction, { board, address, ...fault }: RecordedFault): Promise<void> {
    await record(tx, {
      ...{ type: 'board.fault', actor: systemActor, board, detail: fault },
      ...(address ? { parts: [{ kind: 'addresses', of: null, value: { address } }] } : {}),
    })
    if (!finalKinds.has(fault.kind)) return
    const { state } = await this.boards.state(board, tx)
    // While it is being cleared, the clearing says how it ends.
    if (state === 'clearing' || state === 'quarantined') return
    await this.boards.setState(tx, { id: board, state: 'offline', reason: fault.detail })
  }
}
