// The lab's boards: what the host found, joined with the state that the database keeps.

import { record } from '../audit/audit.ts'
import type { OutcomeKind, Outcomes } from '../audit/outcomes.ts'
import type { Clock } from '../clock.ts'
import type { BoardDescription, BoardState, ClearingStep, Health } from '../contract/board.ts'
import { PinlabError } from '../errors.ts'
import { EventChannel } from '../event-channel.ts'
import { systemActor } from '../identity/permissions.ts'
import type { Database, Transaction } from '../plugins/database/database.ts'
import { mayBecome } from './board-state.ts'
import {
  addBoard,
  type BoardRow,
  readBoard,
  readBoards,
  readBoardsIn,
  setBoardState,
  setClearingStep,
  setDirtyMemory,
} from './board-store.ts'
import type { BoardFailure, DeviceHost } from './device-host.ts'

type Step = { board: string; step: ClearingStep | null }
/** Why it may hold what its last holder left, or null. */
type Memory = { board: string; why: string | null }

interface FoundState {
  board: string
  state: BoardState
  reason?: string
  /** Only where it is in one of these; a state that somebody has set meanwhile stands. */
  from?: BoardState[]
  at: number
}

export class Boards {
  /** A board's state, step or health changed. */
  readonly changed = new EventChannel<[board: string]>()
  readonly #health = new Map<string, Health>()
  readonly #steps: OutcomeKind<Step, void>
  readonly #memories: OutcomeKind<Memory, void>
  readonly #found: OutcomeKind<FoundState, void>

  constructor(
    readonly host: DeviceHost,
    private readonly database: Database,
    private readonly clock: Clock,
    outcomes: Outcomes,
  ) {
    const written = ({ board }: { board: string }) => this.changed.emit(board)
    this.#steps = outcomes.kind('board.step', (tx, to: Step) => this.#writeStep(tx, to), {
      written,
      mayBeLeftOut: () => true,
    })
    this.#memories = outcomes.kind('board.memory', (tx, to: Memory) => this.#writeMemory(tx, to), {
      written,
    })
    this.#found = outcomes.kind('board.state', (tx, to: FoundState) => this.#writeFound(tx, to), {
      written,
    })
  }

  async describe(): Promise<BoardDescription[]> {
    return (await this.host.boards()).map(({ description }) => description)
  }

  async describeOne(id: string): Promise<BoardDescription> {
    const found = (await this.describe()).find((description) => description.id === id)
    if (!found) throw unknownBoard(id)
    return found
  }

  async state(
    id: string,
    reader: Transaction | Database['reader'] = this.database.reader,
  ): Promise<BoardRow> {
    const row = await readBoard(reader, id)
    if (!row) throw unknownBoard(id)
    return row
  }

  /** Of all boards, also of those that the configuration does not name any more. */
  async states(): Promise<Map<string, BoardRow>> {
    return new Map((await readBoards(this.database.reader)).map((row) => [row.id, row]))
  }

  /** The boards that are in this state. */
  inState(state: BoardState): Promise<string[]> {
    return readBoardsIn(this.database.reader, state)
  }

  health(id: string): Health | null {
    return this.#health.get(id) ?? null
  }

  async setState(
    tx: Transaction,
    { at, ...change }: Omit<Parameters<typeof setBoardState>[1], 'at'> & { at?: number },
  ): Promise<void> {
    await setBoardState(tx, { ...change, at: new Date(at ?? this.clock.now()) })
    await record(tx, {
      type: 'board.state',
      actor: systemActor,
      board: change.id,
      detail: { state: change.state, reason: change.reason },
    })
  }

  /** What was found about the board; spooled when the database refuses it, like the two below. */
  async settleState(found: Omit<FoundState, 'at'>): Promise<void> {
    await this.#found.settle({ ...found, at: this.clock.now() })
    this.changed.emit(found.board)
  }

  async setStep(board: string, step: ClearingStep | null): Promise<void> {
    await this.#steps.settle({ board, step })
    this.changed.emit(board)
  }

  /** Whether the board's own memory may hold what its last holder left: why, or null where it was cleared. */
  async setDirty(board: string, why: string | null): Promise<void> {
    await this.#memories.settle({ board, why })
    this.changed.emit(board)
  }

  /** Reads only. A board that fails the check keeps its state; the caller decides. */
  async check(id: string): Promise<Health> {
    const health = await this.host.checkBoard(id)
    this.#health.set(id, health)
    this.changed.emit(id)
    return health
  }

  /** At start: every configured board gets a row, and what could not be opened is offline, or quarantined. */
  async reconcile(): Promise<void> {
    for (const { description, failure } of await this.host.boards()) {
      const health = failure === null ? await this.host.checkBoard(description.id) : null
      if (health) this.#health.set(description.id, health)
      await this.database.write((tx) =>
        this.#reconcileOne(tx, description.id, failure ?? faultOf(health)),
      )
    }
  }

  async #writeFound(tx: Transaction, { board, from, ...to }: FoundState): Promise<void> {
    const { state } = await this.state(board, tx)
    if (!mayBecome(state, to.state) || (from && !from.includes(state))) return
    await this.setState(tx, { id: board, ...to })
  }

  async #writeStep(tx: Transaction, { board, step }: Step): Promise<void> {
    await setClearingStep(tx, board, step)
    if (step === null) return
    await record(tx, { type: 'board.step', actor: systemActor, board, detail: { step } })
  }

  async #writeMemory(tx: Transaction, { board, why }: Memory): Promise<void> {
    const dirty = why !== null
    if (!(await setDirtyMemory(tx, board, dirty))) return
    const detail = { dirty, ...(dirty ? { why } : {}) }
    await record(tx, { type: 'board.memory', actor: systemActor, board, detail })
  }

  /** A board that opened anew was reset by it, so its engines are idle. A quarantine stays until somebody clears it. */
  async #reconcileOne(tx: Transaction, id: string, failure: BoardFailure | null): Promise<void> {
    const row = await readBoard(tx, id)
    if (!row) await addBoard(tx, id, new Date(this.clock.now()))
    const before = row?.state ?? 'ready'
    if (before === 'quarantined') return
    if (failure !== null) {
      const state = failure.quarantine ? 'quarantined' : 'offline'
      const said = row?.state === state && row.stateReason === failure.reason
      if (!said) await this.setState(tx, { id, state, reason: failure.reason })
    } else if (before === 'offline') {
      await this.setState(tx, { id, state: 'ready' })
    }
  }
}

function faultOf(health: Health | null): BoardFailure | null {
  return health && !health.ok ? { reason: health.detail, quarantine: false } : null
}

export function unknownBoard(id: string): PinlabError {
  return new PinlabError(
    'PINLAB_BOARD_UNKNOWN',
    `There is no board ${id}. GET /api/v1/boards lists them.`,
  )
}
