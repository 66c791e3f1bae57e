// The DMA feature as the rest of the server sees it: locking, transfers, and the bytes and registers behind a lease.

import { createHash } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import { record } from '../audit/audit.ts'
import type { Outcomes } from '../audit/outcomes.ts'
import type { Boards } from '../boards/boards.ts'
import type { DeviceHost } from '../boards/device-host.ts'
import type { Leases } from '../bookings/leases.ts'
import type { Clock } from '../clock.ts'
import type { LockLimits } from '../config.ts'
import type { RegisterOperation } from '../contract/board.ts'
import type { DataSearchRequest, DataSearchResult } from '../contract/data-search.ts'
import type { DmaSession, DmaSessionSummary, FillRequest } from '../contract/dma-session.ts'
import type { Lease } from '../contract/lease.ts'
import { type Actor, mayDo } from '../identity/permissions.ts'
import type { Database } from '../plugins/database/database.ts'
import { BoardFaults } from './board-faults.ts'
import { CaptureComparisons } from './capture-comparisons.ts'
import { CaptureFiles } from './capture-files.ts'
import { CaptureQuota } from './capture-quota.ts'
import { CaptureReplays } from './capture-replays.ts'
import { CaptureSource } from './capture-source.ts'
import { CaptureTurns } from './capture-turns.ts'
import { CaptureUploads } from './capture-uploads.ts'
import { Captures } from './captures.ts'
import { type ByteRange, checkRange, searchOf } from './data-rules.ts'
import { BoardHealth } from './health.ts'
import { LastCaptures } from './last-captures.ts'
import { grantOf, Locking } from './locking.ts'
import { Quarantine } from './quarantine.ts'
import { reconcileSessions } from './reconcile.ts'
import { Resets } from './resets.ts'
import { checkMayRead } from './session-rules.ts'
import { readSession, readSessions, type SessionFilter } from './session-store.ts'
import { Stopping } from './stopping.ts'
import { Transfers } from './transfers.ts'
import { Verifying } from './verifying.ts'
import { Zeroing } from './zeroing.ts'

export interface DmaParts {
  host: DeviceHost
  boards: Boards
  leases: Leases
  database: Database
  clock: Clock
  limits: LockLimits
  dataFolder: string
  outcomes: Outcomes
  log: FastifyBaseLogger
}

/** Whose request it is, and which one. */
export interface Asker {
  actor: Actor
  request: string
}

export class Dma {
  readonly locking: Locking
  readonly transfers: Transfers
  readonly verifying: Verifying
  readonly faults: BoardFaults
  readonly quarantine: Quarantine
  readonly captures: Captures
  readonly uploads: CaptureUploads
  readonly replays: CaptureReplays
  readonly comparisons: CaptureComparisons
  readonly source: CaptureSource
  readonly health: BoardHealth
  readonly resets: Resets
  readonly #stopping: Stopping

  constructor(private readonly parts: DmaParts) {
    const { host, boards, leases, database, clock, limits, outcomes, log } = parts
    this.locking = new Locking(host, leases, database, outcomes, clock, limits)
    this.transfers = new Transfers(host, this.locking, database, outcomes, clock)
    this.verifying = new Verifying({
      ...{ host, boards, database, locking: this.locking, transfers: this.transfers },
    })
    const source = new CaptureSource(boards, this.locking, this.transfers, database)
    this.source = source
    const zeroing = new Zeroing(host, boards, log)
    const files = new CaptureFiles(parts.dataFolder)
    const quota = new CaptureQuota(database, limits.captureByteLengthPerPerson)
    const saving = { host, database, clock, log, source, files, quota, locking: this.locking }
    this.captures = new Captures(saving)
    this.uploads = new CaptureUploads({ boards, files, quota, database, clock })
    const using = { ...saving, captures: this.captures, turns: new CaptureTurns() }
    this.replays = new CaptureReplays(using)
    this.comparisons = new CaptureComparisons(using)
    this.faults = new BoardFaults(host, boards, outcomes, clock, log)
    this.quarantine = new Quarantine(
      host,
      boards,
      leases,
      this.locking,
      this.transfers,
      zeroing,
      database,
      log,
    )
    this.quarantine.reopened.on((board) => this.faults.forget(board))
    host.subscribe((event) => {
      if (event.type === 'fault' && event.kind === 'removed') void this.#endRemoved(event.board)
    })
    leases.changed.on((lease) => void this.#renew(lease))
    const { locking, transfers } = this
    this.health = new BoardHealth({ boards, leases, database, clock, log })
    this.resets = new Resets({ host, boards, leases, transfers, database, log })
    const lastCaptures = new LastCaptures(
      ...([this.captures, source, database, locking, outcomes, log] as const),
    )
    const { resets } = this
    this.#stopping = new Stopping({
      ...{ host, boards, leases, locking, transfers, resets, lastCaptures, zeroing, log },
    })
  }

  /** At start, before anybody is served. */
  async reconcile(): Promise<void> {
    const orphans = await reconcileSessions(this.parts.database, this.parts.clock)
    if (orphans > 0)
      this.parts.log.warn({ orphans }, 'DMA sessions of the process before were ended')
    await this.captures.reconcile()
    await this.quarantine.reconcile()
    await this.resets.reconcile()
  }

  /** Called once a second. */
  async sweep(): Promise<void> {
    await this.health.sweep()
  }

  async findSession(id: string): Promise<DmaSession | null> {
    const session = await readSession(this.parts.database.reader, id)
    return session && this.locking.asItIs(session)
  }

  /** For its owner, and for whoever may read all. */
  async readSession(id: string, actor: Actor): Promise<DmaSession> {
    const session = await this.locking.require(id)
    checkMayRead(session, actor)
    return { ...session, transfers: this.#live(session) }
  }

  /** Of all people, or one's own. */
  async listSessions(wanted: SessionFilter, actor: Actor) {
    const filter = mayDo(actor, 'session.read-all') ? wanted : { ...wanted, owner: actor.id }
    const { items, next } = await readSessions(this.parts.database.reader, filter)
    const now = items
      .map((item) => this.locking.asItIs(item))
      .filter(({ state }) => filter.state === undefined || state === filter.state)
    return { items: now.map((item) => ({ ...item, transfers: this.#live(item) })), next }
  }

  async liveSessions(board?: string): Promise<DmaSessionSummary[]> {
    const sessions = await this.locking.live(board ? { board } : {})
    return sessions.map((session) => ({ ...session, transfers: this.#live(session) }))
  }

  async readBytes(session: string, range: ByteRange): Promise<Uint8Array> {
    return this.parts.host.readBytes(session, range)
  }

  async search(session: string, actor: Actor, asked: DataSearchRequest): Promise<DataSearchResult> {
    await this.locking.controlled(session, actor)
    return this.parts.host.search(session, searchOf(asked))
  }

  async writeBytes(
    { session, ...asker }: Asker & { session: string },
    offset: number,
    bytes: Uint8Array,
  ) {
    const { host, database } = this.parts
    const controlled = await this.locking.controlled(session, asker.actor)
    const range = { offset, byteLength: bytes.byteLength }
    checkRange(range, controlled.session.byteLength)
    const { board } = controlled.session
    const actor = asker.actor.id
    await database.write((tx) =>
      record(tx, {
        type: 'dma.data.written',
        actor,
        board,
        session,
        request: asker.request,
        detail: { ...range, sha256: createHash('sha256').update(bytes).digest('hex') },
      }),
    )
    await host.writeBytes(grantOf(controlled.lease), session, offset, bytes)
  }

  async fill({ session, ...asker }: Asker & { session: string }, fill: FillRequest): Promise<void> {
    const { host, database } = this.parts
    const controlled = await this.locking.controlled(session, asker.actor)
    const { pattern, seed = 1, offset = 0 } = fill
    const byteLength = fill.byteLength ?? Math.max(0, controlled.session.byteLength - offset)
    checkRange({ offset, byteLength }, controlled.session.byteLength)
    const { board } = controlled.session
    const detail = { pattern, seed, offset, byteLength }
    await database.write((tx) =>
      record(tx, {
        type: 'dma.data.filled',
        actor: asker.actor.id,
        board,
        session,
        request: asker.request,
        detail,
      }),
    )
    await host.fill(grantOf(controlled.lease), session, detail)
  }

  async operateRegisters(
    { board, actor, request }: Asker & { board: string },
    operations: RegisterOperation[],
  ): Promise<string[]> {
    const { host, database, leases } = this.parts
    const lease = await leases.controlOf(board, actor)
    if (operations.some(({ op }) => op === 'write' || op === 'update')) {
      await database.write((tx) =>
        record(tx, {
          type: 'board.registers',
          actor: actor.id,
          board,
          request,
          detail: { operations },
        }),
      )
    }
    return host.operateRegisters(board, grantOf(lease), operations)
  }

  /** The server is stopping: engines stop, memory is unlocked, and the sessions say why. Leases go on. */
  async shutDown(): Promise<void> {
    const { host, boards } = this.parts
    const { health, quarantine, resets } = this
    await Promise.all([resets, this.#stopping, quarantine, health].map((one) => one.settle()))
    for (const { id } of await boards.describe()) {
      const stopped = await host.stopBoard(id)
      await this.transfers.settle(id)
      const unlocked = stopped.ok && (await host.unlockBoard(id)).ok
      if (unlocked) await this.locking.endAll(id, 'shutdown')
    }
    await Promise.all([this.captures.settle(), this.uploads.settle()])
  }

  /** The host stops a board by itself at the deadline that it knows, so it has to know the one that counts. */
  async #renew(lease: Lease): Promise<void> {
    if (lease.state !== 'active') return
    try {
      await this.parts.host.renew(lease.board, grantOf(lease))
    } catch (error) {
      this.parts.log.warn({ err: error, board: lease.board }, 'the host refused a lease')
    }
  }

  /** The host ended the locks with the board; so say the sessions. */
  async #endRemoved(board: string): Promise<void> {
    try {
      await this.transfers.settle(board)
      await this.locking.endAll(board, 'board-fault')
    } catch (error) {
      this.parts.log.error({ err: error, board }, 'sessions of a removed board were not ended')
    }
  }

  #live({ id, transfers }: Pick<DmaSession, 'id' | 'transfers'>): DmaSession['transfers'] {
    return transfers.map((transfer) => this.transfers.withProgress(id, transfer))
  }
}
