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
import type { Transfers } from './transfers.ts'
import type { Zeroing } from './zeroing.ts'

export class Stopping {
  readonly #clearing = new Map<string, Promise<void>>()

  constructor(
    private readonly host: DeviceHost,
    private readonly boards: Boards,
    private readonly leases: Leases,
    private readonly locking: Locking,
    private readonly transfers: Transfers,
    private readonly lastCaptures: LastCaptures,
    private readonly zeroing: Zeroing,
    private readonly log: FastifyBaseLogger,
  ) {
    leases.ending.on((lease) => this.clear(lease))
  }

  /** Begins the sequence unless it is under way. What fails is tried again by the next sweep. */
  clear(lease: Lease): void {
    if (this.#clearing.has(lease.id)) return
    const work = this.#clear(lease)
      .catch((error) =>
        this.log.error({ err: error, board: lease.board }, 'clearing a board failed'),
      )
      .finally(() => this.#clearing.delete(lease.id))
    this.#clearing.set(lease.id, work)
  }

  /** Waits for what is under way. */
  async settle(): Promise<void> {
    await Promise.all(this.#clearing.values())
  }

  async #clear({ id, board, endReason }: Lease): Promise<void> {
    await this.host.withdraw(board, id)
    const failure = await this.#failureOf(board)
    if (failure) return this.#finishClosed(id, board, failure)
    const stopped = await this.#step(board, 'stopping', () => this.host.stopBoard(board))
    if (stopped.ok) await this.transfers.settle(board)
    // Whoever gives a board back, or loses it, has saved what they wanted; whoever is surprised by the end has not.
    if (endReason === 'expired') {
      await this.boards.setStep(board, 'saving')
      await this.lastCaptures.save(board)
    }
    const reset = await this.#step(board, 'resetting', () => this.host.resetBoard(board))
    await this.transfers.settle(board)
    if (!stopped.ok || !reset.ok) {
      // The device may still reach the memory, so it stays locked.
      const reason = reset.ok ? stopped.detail : reset.detail
      return this.leases.finish(id, { state: 'quarantined', reason })
    }
    const unlocked = await this.#step(board, 'unlocking', () => this.host.unlockBoard(board))
    if (unlocked.ok) {
      await this.locking.endAll(board, endReason === 'revoked' ? 'lease-revoked' : 'lease-ended')
      await this.zeroing.zero(board)
    }
    await this.boards.setStep(board, 'checking')
    const health = await this.boards.check(board)
    const reason = unlocked.ok ? health.detail : unlocked.detail
    const fit = unlocked.ok && health.ok
    await this.leases.finish(id, fit ? { state: 'ready' } : { state: 'quarantined', reason })
  }

  async #failureOf(board: string): Promise<BoardFailure | null> {
    const found = (await this.host.boards()).find(({ description }) => description.id === board)
    return found?.failure ?? null
  }

  /** A board that is not open runs nothing and has nothing locked. */
  async #finishClosed(
    lease: string,
    board: string,
    { reason, quarantine }: BoardFailure,
  ): Promise<void> {
    await this.transfers.settle(board)
    await this.locking.endAll(board, 'board-fault')
    await this.boards.setDirty(board, 'The board was not open, so its memory could not be cleared.')
    await this.leases.finish(lease, { state: quarantine ? 'quarantined' : 'offline', reason })
  }

  async #step(
    board: string,
    step: ClearingStep,
    work: () => Promise<StopReport>,
  ): Promise<StopReport> {
    await this.boards.setStep(board, step)
    const report = await work()
    if (!report.ok)
      this.log.error({ board, step, detail: report.detail }, 'a step of clearing failed')
    return report
  }
}
