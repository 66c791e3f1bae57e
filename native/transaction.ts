// WinDriver's transaction: one I/O request on one lock, in as many hardware transfers as it takes.

import { invalid, refused } from './errors.ts'
import type {
  DmaLock,
  DmaPage,
  DmaTransaction,
  LockHold,
  TransactionProgress,
  TransactionTransfer,
} from './surface.ts'

/** WD_DMA_PAGES: the pages of one transfer, unless `maxPages` says otherwise. */
const pagesWithoutLargeBuffer = 256

export interface TransferLimits {
  maxTransferByteLength?: number | undefined
  maxPages?: number | undefined
}

/** Made by a card only, over a lock of its own. */
export class OpenTransaction implements DmaTransaction {
  readonly #maxByteLength: number
  readonly #maxPages: number
  /** From execute to release; unlock is refused meanwhile. */
  #run: LockHold | undefined
  /** Under way; none before execute, and after the last one has been accounted for. */
  #transfer: TransactionTransfer | undefined
  #ended = false

  constructor(
    readonly lock: DmaLock,
    limits: TransferLimits,
  ) {
    this.#maxByteLength = limits.maxTransferByteLength ?? lock.byteLength
    this.#maxPages = limits.maxPages ?? pagesWithoutLargeBuffer
  }

  async execute(): Promise<TransactionTransfer> {
    this.#check('execute')
    if (this.#run) throw outOfOrder('execute', 'the run before has not been released')
    this.#run = this.lock.hold('transaction')
    const transfer = this.#cut(0)
    this.#transfer = transfer
    await this.lock.syncForDevice()
    return transfer
  }

  async transferCompleted(byteLength?: number): Promise<TransactionProgress> {
    this.#check('transferCompleted')
    const transfer = this.#transfer
    if (!transfer) throw outOfOrder('transferCompleted', 'no transfer is under way')
    const moved = byteLength ?? transfer.byteLength
    if (!Number.isInteger(moved) || moved < 1 || moved > transfer.byteLength) {
      throw invalid('transferCompleted', `a transfer moves 1 to ${transfer.byteLength} bytes`)
    }
    // Before anything is awaited, so that the same transfer is not accounted for twice.
    const next = transfer.offset + moved
    const following = next === this.lock.byteLength ? undefined : this.#cut(next)
    this.#transfer = following
    await this.lock.syncForCpu()
    if (!following) return { status: 'done' }
    await this.lock.syncForDevice()
    return { status: 'more', transfer: following }
  }

  release(): void {
    if (this.#ended) throw refused('WD_INVALID_HANDLE', 'release', 'the transaction has ended')
    if (!this.#run) throw outOfOrder('release', 'nothing has been executed')
    this.#run.release()
    this.#run = undefined
    this.#transfer = undefined
  }

  async uninit(): Promise<void> {
    if (this.#run && this.lock.isLocked) {
      throw refused('WD_TRY_AGAIN', 'uninit', 'the run has not been released')
    }
    await this.lock.unlock()
    this.#ended = true
  }

  #check(operation: string): void {
    if (this.#ended || !this.lock.isLocked) {
      throw refused('WD_INVALID_HANDLE', operation, 'the transaction has ended')
    }
  }

  /** The transfer that begins `offset` bytes into the lock: as much as its limits allow. */
  #cut(offset: number): TransactionTransfer {
    const pages: DmaPage[] = []
    let begin = 0
    let left = this.#maxByteLength
    for (const page of this.lock.pages) {
      const skip = Math.max(offset - begin, 0)
      begin += page.byteLength
      if (skip >= page.byteLength) continue
      if (left === 0 || pages.length === this.#maxPages) break
      const byteLength = Math.min(page.byteLength - skip, left)
      pages.push(Object.freeze({ address: page.address + BigInt(skip), byteLength }))
      left -= byteLength
    }
    return { offset, byteLength: this.#maxByteLength - left, pages }
  }
}

function outOfOrder(operation: string, message: string) {
  return refused('WD_OPERATION_FAILED', operation, message)
}

/** Checks the limits of a transaction before anything is locked. */
export function transferLimits({
  maxTransferByteLength,
  maxPages,
}: TransferLimits): TransferLimits {
  for (const limit of [maxTransferByteLength, maxPages]) {
    if (limit !== undefined && !(Number.isSafeInteger(limit) && limit > 0)) {
      throw invalid('openTransaction', 'a limit is a whole number above 0')
    }
  }
  return { maxTransferByteLength, maxPages }
}
