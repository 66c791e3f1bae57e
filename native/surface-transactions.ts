// The types of transactions.

import type { DmaLock, DmaPage, LockOptions } from './surface-locks.ts'

/** What is to be locked for a transaction, and what one hardware transfer may take of it. */
export type TransactionRequest = LockOptions & {
  /** Pages of one transfer, not of the lock: without LARGE_BUFFER 256. */
  maxPages?: number
  /** Bytes of one transfer; without it the pages alone decide. */
  maxTransferByteLength?: number
} & ({ kind: 'scatterGather'; bytes: Uint8Array } | { kind: 'contiguous'; byteLength: number })

/** One hardware transfer of a transaction. */
export interface TransactionTransfer {
  /** Where it begins in the lock, bytes. */
  readonly offset: number
  readonly byteLength: number
  readonly pages: readonly DmaPage[]
}

/** `more` is WD_MORE_PROCESSING_REQUIRED. */
export type TransactionProgress =
  | { status: 'more'; transfer: TransactionTransfer }
  | { status: 'done' }

/**
 * A lock with DMA_TRANSACTION: execute, then transferCompleted after each transfer until it says
 * `done`, then release; and again, as often as wanted; at last uninit. Syncs by itself. A call out
 * of this order is WD_OPERATION_FAILED and changes nothing.
 */
export interface DmaTransaction {
  readonly lock: DmaLock
  /**
   * WD_DMATransactionExecute: begins a run, with its first transfer. The lock is held until release.
   */
  execute(): Promise<TransactionTransfer>
  /**
   * WD_DMATransferCompletedAndCheck: so many bytes of the transfer under way have been moved, all of
   * them if not said; what comes next goes on from there.
   */
  transferCompleted(byteLength?: number): Promise<TransactionProgress>
  /**
   * WD_DMATransactionRelease: ends a run, completed or not. The board must not be at work on it.
   */
  release(): void
  /** WD_DMATransactionUninit: unlocks. WD_TRY_AGAIN before release, as `unlock` of the lock itself. */
  uninit(): Promise<void>
}
