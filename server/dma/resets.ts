// A board is reset for whoever controls it: its transfers fail, its locks and the lease stay.

import type { FastifyBaseLogger } from 'fastify'
import { record } from '../audit/audit.ts'
import type { Boards } from '../boards/boards.ts'
import type { DeviceHost } from '../boards/device-host.ts'
import type { Leases } from '../bookings/leases.ts'
import { PinlabError } from '../errors.ts'
import type { Asking } from '../identity/people.ts'
import type { Database } from '../plugins/database/database.ts'
import type { Transfers } from './transfers.ts'

export class Resets {
  readonly #running = new Map<string, Promise<void>>()

  constructor(
    private readonly parts: {
      host: DeviceHost
      boards: Boards
      leases: Leases
      transfers: Transfers
      database: Database
      log: FastifyBaseLogger
    },
  ) {}

  /** Begins; the steps show on the board. */
  async request(board: string, { actor, request }: Asking): Promise<void> {
    const { leases, database } = this.parts
    let begin = () => {}
    const committed = new Promise<void>((resolve) => {
      begin = resolve
    })
    let work: Promise<void> | null = null
    try {
      await database.write(async (tx) => {
        await leases.controlOf(board, actor, tx)
        if (this.#running.has(board)) throw isReset(board)
        await record(tx, { type: 'board.reset-requested', actor: actor.id, board, request })
        // In the transaction, so that an end of the lease that comes after it waits for the reset.
        work = committed.then(() => this.#run(board))
        this.#running.set(board, work)
      })
    } catch (error) {
      if (work !== null && this.#running.get(board) === work) this.#running.delete(board)
      throw error
    }
    begin()
  }

  /** At start: what the process before was at with a board that is not being cleared is over. */
  async reconcile(): Promise<void> {
    const { boards } = this.parts
    for (const { id } of await boards.describe()) {
      const { state, step } = await boards.state(id)
      if (step !== null && state !== 'clearing') await boards.setStep(id, null)
    }
  }

  /** Waits for what is under way, on one board or on all. */
  async settle(board?: string): Promise<void> {
    if (board === undefined) await Promise.all(this.#running.values())
    else await this.#running.get(board)
  }

  async #run(board: string): Promise<void> {
    const { boards, log, transfers } = this.parts
    try {
      await transfers.failing(board, isReset(board), () => this.#reset(board))
    } catch (error) {
      log.error({ err: error, board }, 'a reset of a board failed')
    } finally {
      await boards.setStep(board, null).catch(() => {})
      this.#running.delete(board)
    }
  }

  async #reset(board: string): Promise<void> {
    const { host, boards, transfers } = this.parts
    await boards.setStep(board, 'stopping')
    const stopped = await host.stopBoard(board)
    await boards.setStep(board, 'resetting')
    const reset = await host.resetBoard(board)
    await transfers.settle(board)
    if (stopped.ok && reset.ok) return
    // What is locked stays so, for the device may still reach it. The end of the lease changes nothing about that.
    const reason = reset.ok ? stopped.detail : reset.detail
    await boards.settleState({ board, state: 'quarantined', reason, from: ['leased'] })
  }
}

function isReset(board: string): PinlabError {
  return new PinlabError('PINLAB_BOARD_RESET', `${board} was reset. Start again when that is over.`)
}
