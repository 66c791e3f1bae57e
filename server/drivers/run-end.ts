// The end of a run, the same for every kind of board: timers off, memory given back, and all who wait told; once.

import type { DmaLock, LockHold } from '../../native/index.ts'
import type { TransferOutcome } from './board-driver.ts'

export class RunEnd {
  readonly ended: Promise<TransferOutcome>
  #resolve: (outcome: TransferOutcome) => void = () => {}
  #outcome: TransferOutcome | undefined
  readonly #hold: LockHold
  readonly #timers: NodeJS.Timeout[] = []

  /** Holds the lock from now on. */
  constructor(
    private readonly lock: DmaLock,
    channel: string,
  ) {
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve
    })
    this.#hold = lock.hold(channel)
  }

  get outcome(): TransferOutcome | undefined {
    return this.#outcome
  }

  after(ms: number, work: () => void): void {
    this.#timers.push(setTimeout(work, ms))
  }

  every(ms: number, work: () => void): void {
    this.#timers.push(setInterval(work, ms))
  }

  /** The engine is idle, or reaches no memory any more. The first outcome counts. `giveBack` returns what the run had for itself. */
  settle(outcome: TransferOutcome, giveBack: () => Promise<void> = async () => {}): void {
    if (this.#outcome) return
    this.#outcome = outcome
    this.#stopTimers()
    // Of a card that was closed meanwhile every lock has ended, and there is nothing left to give back.
    void this.#giveBack(giveBack)
      .catch(() => {})
      .then(() => this.#resolve(outcome))
  }

  /** Never begun. */
  abandon(): void {
    this.#stopTimers()
    this.#hold.release()
  }

  /** The CPU looks at the memory only after the last sync, and the lock is free once the transfer counts as ended. */
  async #giveBack(giveBack: () => Promise<void>): Promise<void> {
    await this.lock.syncForCpu().finally(() => this.#hold.release())
    await giveBack()
  }

  #stopTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }
}
