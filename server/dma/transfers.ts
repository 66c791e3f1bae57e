// Transfers: recorded when asked for and when ended; while they run, the host knows how far they are.

import { record } from '../audit/audit.ts'
import type { OutcomeKind, Outcomes } from '../audit/outcomes.ts'
import type { DeviceHost, HostEvent, HostTransferProgress } from '../boards/device-host.ts'
import type { Clock } from '../clock.ts'
import type { Transfer, TransferRequest } from '../contract/dma-session.ts'
import { PinlabError, problemOf } from '../errors.ts'
import { EventChannel } from '../event-channel.ts'
import { type Actor, systemActor } from '../identity/permissions.ts'
import type { Database, Transaction } from '../plugins/database/database.ts'
import { grantOf, type Locking } from './locking.ts'
import {
  addTransfer,
  type EndedTransfer,
  readTransfer,
  readTransfers,
  setTransferEnded,
} from './transfer-store.ts'

interface Running {
  board: string
  session: string
  transfer: Transfer
  /** Settles when the end is on record. */
  recorded: Promise<void>
  markRecorded: () => void
}

interface TransferEnd {
  session: string
  board: string
  n: number
  channel: string
  mode: Transfer['mode']
  ended: EndedTransfer
}

export class Transfers {
  /** A transfer started, moved on or ended. */
  readonly changed = new EventChannel<[board: string, session: string, transfer: Transfer]>()
  readonly #running = new Map<string, Running>()
  /** By board: nothing starts on it, and what is stopped there has failed with this. */
  readonly #failing = new Map<string, PinlabError>()
  readonly #ends: OutcomeKind<TransferEnd, void>

  constructor(
    private readonly host: DeviceHost,
    private readonly locking: Locking,
    private readonly database: Database,
    private readonly outcomes: Outcomes,
    private readonly clock: Clock,
  ) {
    this.#ends = outcomes.kind('dma.transfer.ended', writeEnd)
    host.subscribe((event) => {
      if (event.type === 'transfer') this.#hear(event)
    })
  }

  async start(
    session: string,
    actor: Actor,
    asked: TransferRequest,
    request: string,
  ): Promise<Transfer> {
    this.outcomes.checkRecordWorks()
    const { session: locked, lease } = await this.locking.controlled(session, actor)
    const { board } = locked
    const transfer = await this.#recordRequest({ board, session, actor: actor.id, request }, asked)
    const running = this.#remember(board, session, transfer)
    try {
      const failing = this.#failing.get(board)
      if (failing) throw failing
      const { channel, mode, offset, byteLength, deviceAddress, timeoutMs } = asked
      const blockByteLength = transfer.blockByteLength
      await this.host.startTransfer({
        grant: grantOf(lease),
        lockId: session,
        n: transfer.n,
        channel,
        mode,
        offset,
        byteLength,
        ...(deviceAddress === undefined ? {} : { deviceAddress }),
        ...(blockByteLength === null ? {} : { blockByteLength }),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      })
    } catch (error) {
      await this.#recordEnd(running, failedWith(error))
      throw error
    }
    this.changed.emit(board, session, running.transfer)
    return running.transfer
  }

  async stop(session: string, n: number, actor: Actor): Promise<Transfer> {
    const now = await this.read(session, n)
    if (now.state !== 'running') return now
    await this.locking.controlled(session, actor)
    const running = this.#running.get(keyOf(session, n))
    await this.host.stopTransfer(session, n)
    await running?.recorded
    return this.read(session, n)
  }

  async read(session: string, n: number): Promise<Transfer> {
    const running = this.#running.get(keyOf(session, n))
    if (running) {
      const progress = await this.host.transferProgress(session, n).catch(() => null)
      return progress?.state === 'running' ? merge(running.transfer, progress) : running.transfer
    }
    await this.locking.require(session)
    const transfer = await readTransfer(this.database.reader, { sessionId: session, n })
    if (transfer) return this.withProgress(session, transfer)
    throw new PinlabError('PINLAB_TRANSFER_UNKNOWN', `DMA session ${session} has no transfer ${n}.`)
  }

  /** Waits until it has ended, or the time is over. */
  async wait(session: string, n: number, waitMs: number): Promise<Transfer> {
    const running = this.#running.get(keyOf(session, n))
    if (running && waitMs > 0) {
      let timer: NodeJS.Timeout | undefined
      const over = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, waitMs)
      })
      await Promise.race([running.recorded, over])
      clearTimeout(timer)
    }
    return this.read(session, n)
  }

  async list(session: string, page: { limit: number; before?: number }) {
    await this.locking.require(session)
    const { items, next } = await readTransfers(this.database.reader, session, page)
    return { items: items.map((transfer) => this.withProgress(session, transfer)), next }
  }

  /** The row as it is now: the database knows no progress of what still runs. */
  withProgress(session: string, transfer: Transfer): Transfer {
    const running = this.#running.get(keyOf(session, transfer.n))?.transfer
    if (running || transfer.state !== 'running') return running ?? transfer
    const end = this.#ends.owed.find((owed) => owed.session === session && owed.n === transfer.n)
    return end ? merge(transfer, end.ended) : transfer
  }

  /** Those of the session whose end is not on record yet. */
  running(session: string): Transfer[] {
    return [...this.#running.values()]
      .filter((one) => one.session === session)
      .map(({ transfer }) => transfer)
  }

  /** Waits until the ends of all that the host has ended are on record. */
  async settle(board: string): Promise<void> {
    await Promise.all(
      [...this.#running.values()].filter((one) => one.board === board).map((one) => one.recorded),
    )
  }

  /** While `work` runs nothing starts on the board, and what it stops has failed: nobody asked for its end. */
  async failing(board: string, error: PinlabError, work: () => Promise<void>): Promise<void> {
    this.#failing.set(board, error)
    try {
      await work()
    } finally {
      this.#failing.delete(board)
    }
  }

  #remember(board: string, session: string, transfer: Transfer): Running {
    let markRecorded = () => {}
    const recorded = new Promise<void>((resolve) => {
      markRecorded = resolve
    })
    const running = { board, session, transfer, recorded, markRecorded }
    this.#running.set(keyOf(session, transfer.n), running)
    return running
  }

  #hear({ lockId, n, progress }: Extract<HostEvent, { type: 'transfer' }>): void {
    const running = this.#running.get(keyOf(lockId, n))
    if (!running) return
    if (progress.state === 'running') {
      running.transfer = merge(running.transfer, progress)
      this.changed.emit(running.board, running.session, running.transfer)
    } else {
      const error = this.#failing.get(running.board)
      const isStopped = progress.state === 'stopped' && error !== undefined
      const outcome = isStopped ? { ...progress, ...failureOf(error) } : progress
      void this.#recordEnd(running, outcome)
    }
  }

  async #recordRequest(
    {
      board,
      session,
      actor,
      request,
    }: { board: string; session: string; actor: string; request: string },
    asked: TransferRequest,
  ): Promise<Transfer> {
    return this.database.write(async (tx) => {
      const { channel, mode, offset, byteLength, deviceAddress, blockByteLength } = asked
      const transfer = await addTransfer(tx, {
        sessionId: session,
        channel,
        mode,
        offset,
        byteLength,
        deviceAddress: deviceAddress ?? null,
        blockByteLength: mode === 'cyclic' ? (blockByteLength ?? defaultBlock(byteLength)) : null,
        startedAt: new Date(this.clock.now()),
      })
      const detail = { n: transfer.n, ...asked }
      await record(tx, { type: 'dma.transfer.requested', actor, board, session, request, detail })
      return transfer
    })
  }

  async #recordEnd(running: Running, told: HostTransferProgress): Promise<void> {
    const { board, session } = running
    const { n, channel, mode } = running.transfer
    const ended = { ...told, endedAt: told.endedAt ?? this.clock.now() }
    await this.#ends.settle({ session, board, n, channel, mode, ended })
    running.transfer = merge(running.transfer, ended)
    this.#running.delete(keyOf(session, n))
    this.changed.emit(board, session, running.transfer)
    running.markRecorded()
  }
}

async function writeEnd(tx: Transaction, end: TransferEnd): Promise<void> {
  const { session, board, n, channel, mode, ended } = end
  if (!(await setTransferEnded(tx, { sessionId: session, n }, ended))) return
  const detail = { n, channel, mode, ...ended }
  await record(tx, { type: 'dma.transfer.ended', actor: systemActor, board, session, detail })
}

const ringBlockByteLength = 64 * 1024

/** 64 KiB where that makes a ring, else two halves; the driver says so if neither suits the channel. */
function defaultBlock(byteLength: number): number {
  const fits = byteLength % ringBlockByteLength === 0 && byteLength >= 2 * ringBlockByteLength
  return fits ? ringBlockByteLength : Math.ceil(byteLength / 2)
}

function merge(transfer: Transfer, told: HostTransferProgress): Transfer {
  const { state, startedAt, endedAt, bytesCompleted, blocksCompleted, failure } = told
  return {
    ...transfer,
    state,
    startedAt: startedAt === null ? transfer.startedAt : new Date(startedAt).toISOString(),
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
    bytesCompleted,
    blocksCompleted,
    overruns: told.overruns,
    refusedAccesses: told.refusedAccesses,
    failure: failure ?? null,
  }
}

const nothingMoved = {
  startedAt: null,
  endedAt: null,
  bytesCompleted: 0,
  blocksCompleted: 0,
  overruns: 0,
  refusedAccesses: 0,
} as const

function failedWith(error: unknown): HostTransferProgress {
  return { ...nothingMoved, ...failureOf(error) }
}

function failureOf(error: unknown) {
  const { code, detail, wdStatus } = problemOf(error, '')
  return { state: 'failed', failure: { code, detail, wdStatus: wdStatus ?? null } } as const
}

const keyOf = (session: string, n: number) => `${session}/${n}`
