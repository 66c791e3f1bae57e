// The end of a run, the same for every kind of board: timers off, memory given back, and all who wait told; once.

import type { DmaLock, LockHold } from '../../native/index.ts'
import type { DriverError, TransferOutcome, TransferProgress } from './board-driver.ts'
import { boardFault } from './driver-errors.ts'

export interface EndDetails {
  error?: DriverError | undefined
  fault?: TransferOutcome['fault']
}

export class RunEnd {
  readonly ended: Promise<TransferOutcome>
  #resolve: (outcome: TransferOutcome) => void = () => {}
  #outcome: TransferOutcome | undefined
  readonly #hold: LockHold
  readonly #timers: NodeJS.Timeout[] = []

  /** Holds the lock from now on. `counts` reads no register. `giveBack` returns what the run had for itself. */
  constructor(
    private readonly lock: DmaLock,
    channel: string,
    private readonly counts: () => TransferProgress,
    private readonly giveBack: () => Promise<void> = async () => {},
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
    this.#timers.push(setTimeout(() => this.#unlessClosed(work), ms))
  }

  every(ms: number, work: () => void): void {
    this.#timers.push(setInterval(() => this.#unlessClosed(work), ms))
  }

  /** The engine is idle, or reaches no memory any more. The first outcome counts. */
  settle(state: TransferOutcome['state'], { error, fault }: EndDetails = {}): void {
    if (this.#outcome) return
    const told = { ...(error ? { error } : {}), ...(fault ? { fault } : {}) }
    const outcome: TransferOutcome = { state, ...this.counts(), ...told }
    this.#outcome = outcome
    this.#stopTimers()
    // Of a card that was closed meanwhile every lock has ended, and there is nothing left to give back.
    void this.#giveBack()
      .catch(() => {})
      .then(() => this.#resolve(outcome))
  }

  /** Never begun. */
  abandon(): void {
    this.#stopTimers()
    this.#hold.release()
  }

  /** The CPU looks at the memory only after the last sync, and the lock is free once the transfer counts as ended. */
  async #giveBack(): Promise<void> {
    await this.lock.syncForCpu().finally(() => this.#hold.release())
    await this.giveBack()
  }

  /** A card that was closed under the run has ended its locks, and answers no more. */
  #unlessClosed(work: () => void): void {
    if (this.lock.isLocked) work()
    else this.settle('failed', { error: boardFault('The board was closed.') })
  }

  #stopTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }
}
