// Boards that are out of use: brought back by the keeper, with a reason, through the same visible steps as after a lease.

import type { FastifyBaseLogger } from 'fastify'
import { record } from '../audit/audit.ts'
import type { Boards } from '../boards/boards.ts'
import type { DeviceHost } from '../boards/device-host.ts'
import type { Leases } from '../bookings/leases.ts'
import { PinlabError } from '../errors.ts'
import { EventChannel } from '../event-channel.ts'
import type { Actor } from '../identity/permissions.ts'
import type { Database } from '../plugins/database/database.ts'
import type { Locking } from './locking.ts'
import type { Transfers } from './transfers.ts'
import type { Zeroing } from './zeroing.ts'

export class Quarantine {
  /** A board was opened anew. */
  readonly reopened = new EventChannel<[board: string]>()
  readonly #clearing = new Set<Promise<void>>()

  constructor(
    private readonly host: DeviceHost,
    private readonly boards: Boards,
    private readonly leases: Leases,
    private readonly locking: Locking,
    private readonly transfers: Transfers,
    private readonly zeroing: Zeroing,
    private readonly database: Database,
    private readonly log: FastifyBaseLogger,
  ) {}

  /** Begins; the board is `clearing` until it is `ready`, or out of use again with what was found. */
  async clear(
    board: string,
    { actor, request, reason }: { actor: Actor; request: string; reason: string },
  ): Promise<void> {
    const was = await this.database.write(async (tx) => {
      const { state, stateReason } = await this.boards.state(board, tx)
      if (state !== 'quarantined' && state !== 'offline') {
        throw new PinlabError('PINLAB_BOARD_NOT_QUARANTINED', `${board} is ${state}.`)
      }
      if (await this.leases.current(board, tx)) {
        throw new PinlabError(
          'PINLAB_LEASE_TAKEN',
          `Somebody still has ${board}: their lease has to end first.`,
        )
      }
      await record(tx, {
        type: 'board.clearing-requested',
        actor: actor.id,
        board,
        request,
        detail: { reason, was: state, because: stateReason },
      })
      await this.boards.setState(tx, { id: board, state: 'clearing' })
      return state
    })
    this.#begin(board, was)
  }

  /** A board whose maintenance is over is opened anew and checked, as after a quarantine. What fails is asked for again. */
  async endMaintenance(board: string): Promise<void> {
    try {
      const isOver = await this.database.write(async (tx) => {
        if ((await this.boards.state(board, tx)).state !== 'maintenance') return false
        await this.boards.setState(tx, { id: board, state: 'clearing' })
        return true
      })
      if (isOver) this.#begin(board, 'quarantined')
    } catch (error) {
      this.log.error({ err: error, board }, 'the end of a maintenance failed')
    }
  }

  #begin(board: string, was: 'quarantined' | 'offline'): void {
    const work = this.#run(board, was)
      .catch((error) => this.log.error({ err: error, board }, 'clearing a quarantine failed'))
      .finally(() => this.#clearing.delete(work))
    this.#clearing.add(work)
  }

  /** At start: a board that was being cleared when the process ended has shown nothing yet. */
  async reconcile(): Promise<void> {
    for (const { id } of await this.boards.describe()) {
      const { state } = await this.boards.state(id)
      if (state !== 'clearing' || (await this.leases.current(id))) continue
      await this.#finish(id, 'The server stopped while the board was being cleared.')
    }
  }

  /** Waits for what is under way. */
  async settle(): Promise<void> {
    await Promise.all(this.#clearing)
  }

  async #run(board: string, was: 'quarantined' | 'offline'): Promise<void> {
    try {
      await this.boards.setStep(board, 'stopping')
      await this.host.stopBoard(board)
      await this.transfers.settle(board)
      await this.boards.setStep(board, 'resetting')
      const reopened = await this.host.reopenBoard(board)
      await this.boards.setStep(board, 'unlocking')
      await this.locking.endAll(board, 'board-fault')
      if (!reopened.ok) return await this.#finishClosed(board, was, reopened.detail)
      this.reopened.emit(board)
      await this.zeroing.zero(board)
      await this.boards.setStep(board, 'checking')
      const health = await this.boards.check(board)
      await this.#finish(board, health.ok ? null : health.detail)
    } catch (error) {
      await this.#finish(board, 'Clearing failed; the log of the server says more.')
      throw error
    }
  }

  /** A board that was only offline, and still cannot be opened, is not more than that. */
  async #finishClosed(board: string, was: 'quarantined' | 'offline', found: string) {
    const { failure } =
      (await this.host.boards()).find(({ description }) => description.id === board) ?? {}
    const state = failure?.quarantine ? 'quarantined' : was
    await this.#finish(board, failure?.reason ?? found, state)
  }

  async #finish(
    board: string,
    failure: string | null,
    otherwise: 'quarantined' | 'offline' = 'quarantined',
  ): Promise<void> {
    await this.boards.settleState(
      failure === null ? { board, state: 'ready' } : { board, state: otherwise, reason: failure },
    )
  }
}
