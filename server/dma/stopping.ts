// The stopping sequence of a board whose lease is ending: engines stopped, what they delivered saved, bus mastering off, reset,
// unlocked, the board's own memory cleared, checked. Each step is visible while people wait.

import type { FastifyBaseLogger } from 'fastify'
import type { Boards } from '../boards/boards.ts'
import type { BoardFailure, DeviceHost, StopReport } from '../boards/device-host.ts'
import type { Leases } from '../bookings/leases.ts'
import type { ClearingStep } from '../contract/board.ts'
import type { Lease } from '../contract/lease.ts'
import type { LastCaptures } from './last-captures.ts'
import type { Locking } from './locking.ts'
import type { Resets } from './resets.ts'
import type { Transfers } from './transfers.ts'
import type { Zeroing } from './zeroing.ts'

export interface StoppingParts {
  host: DeviceHost
  boards: Boards
  leases: Leases
  locking: Locking
  transfers: Transfers
  resets: Resets
  lastCaptures: LastCaptures
  zeroing: Zeroing
  log: FastifyBaseLogger
}

export class Stopping {
  readonly #clearing = new Map<string, Promise<void>>()

  constructor(private readonly parts: StoppingParts) {
    parts.leases.ending.on((lease) => this.clear(lease))
  }

  /** Begins the sequence unless it is under way. What fails is tried again by the next sweep. */
  clear(lease: Lease): void {
    if (this.#clearing.has(lease.id)) return
    const work = this.#clear(lease)
      .catch((error) =>
        this.parts.log.error({ err: error, board: lease.board }, 'clearing a board failed'),
      )
      .finally(() => this.#clearing.delete(lease.id))
    this.#clearing.set(lease.id, work)
  }

  /** Waits for what is under way. */
  async settle(): Promise<void> {
    await Promise.all(this.#clearing.values())
  }

  async #clear(lease: Lease): Promise<void> {
    const { id, board, endReason } = lease
    await this.parts.host.withdraw(board, id)
    // One that was asked for before must not reach the board when it is free.
    await this.parts.resets.settle(board)
    const failure = await this.#failureOf(board)
    if (failure) return this.#finishClosed(lease, failure)
    const stopped = await this.#step(board, 'stopping', () => this.parts.host.stopBoard(board))
    if (stopped.ok) await this.parts.transfers.settle(board)
    // Whoever gives a board back, or loses it, has saved what they wanted; whoever is surprised by the end has not.
    if (endReason === 'expired') {
      await this.parts.boards.setStep(board, 'saving')
      await this.parts.lastCaptures.save(board)
    }
    const reset = await this.#step(board, 'resetting', () => this.parts.host.resetBoard(board))
    await this.parts.transfers.settle(board)
    if (!stopped.ok || !reset.ok) {
      // The device may still reach the memory, so it stays locked.
      const reason = reset.ok ? stopped.detail : reset.detail
      return this.parts.leases.finish(lease, { state: 'quarantined', reason })
    }
    const unlocked = await this.#step(board, 'unlocking', () => this.parts.host.unlockBoard(board))
    if (unlocked.ok) {
      await this.parts.locking.endAll(
        board,
        endReason === 'revoked' ? 'lease-revoked' : 'lease-ended',
      )
      await this.parts.zeroing.zero(board)
    }
    await this.parts.boards.setStep(board, 'checking')
    const health = await this.parts.boards.check(board)
    const reason = unlocked.ok ? health.detail : unlocked.detail
    const fit = unlocked.ok && health.ok
    const state = fit ? 'ready' : 'quarantined'
    await this.parts.leases.finish(lease, { state, ...(fit ? {} : { reason }) })
  }

  async #failureOf(board: string): Promise<BoardFailure | null> {
    const found = (await this.parts.host.boards()).find(
      ({ description }) => description.id === board,
    )
    return found?.failure ?? null
  }

  /** A board that is not open runs nothing and has nothing locked. */
  async #finishClosed(lease: Lease, { reason, quarantine }: BoardFailure): Promise<void> {
    const { board } = lease
    await this.parts.transfers.settle(board)
    await this.parts.locking.endAll(board, 'board-fault')
    await this.parts.boards.setDirty(
      board,
      'The board was not open, so its memory could not be cleared.',
    )
    await this.parts.leases.finish(lease, { state: quarantine ? 'quarantined' : 'offline', reason })
  }

  async #step(
    board: string,
    step: ClearingStep,
    work: () => Promise<StopReport>,
  ): Promise<StopReport> {
    await this.parts.boards.setStep(board, step)
    const report = await work()
    if (!report.ok)
      this.parts.log.error({ board, step, detail: report.detail }, 'a step of clearing failed')
    return report
  }
}
