// The types of the native layer: what a card looks like on every bus; its parts are in files beside this one.

import type { Direction } from '../server/contract/dma-options.ts'
import type { CardConfig } from './surface-config.ts'
import type { EnabledInterrupt, InterruptEvent, IommuFault } from './surface-events.ts'
import type { AttachOptions, DmaLock, LockOptions, LockReportEntry } from './surface-locks.ts'
import type { CheckedCopy } from './surface-projections.ts'
import type {
  ConfigAddress,
  MemoryItem,
  RegisterAddress,
  RegisterCommand,
  RegisterTransfer,
} from './surface-registers.ts'
import type { DmaTransaction, TransactionRequest } from './surface-transactions.ts'

export type * from './surface-config.ts'
export type * from './surface-events.ts'
export type * from './surface-locks.ts'
export type * from './surface-memory.ts'
export type * from './surface-projections.ts'
export type * from './surface-registers.ts'
export type * from './surface-transactions.ts'
export type { Direction }

/** WD_Open + WD_CardRegister: one board, opened. */
export interface Card {
  readonly bus: CardConfig['bus']
  readonly isOpen: boolean
  readonly bars: readonly { index: number; byteLength: number }[]
  /** Bits of a device address that the board declares. */
  readonly addressWidth: number
  /** Live locks of this card. */
  readonly locks: readonly DmaLock[]
  /** What is locked now, oldest first: what nobody holds and nobody has used for long is a leak. */
  lockReport(): Promise<LockReportEntry[]>

  /** WD_Transfer. All ones mean that nobody answered. 64 bits are a bigint. */
  readRegister(register: RegisterAddress & { width: 64 }): bigint
  readRegister(register: RegisterAddress & { width: 8 | 16 | 32 }): number
  readRegister(register: RegisterAddress): number | bigint
  /** WD_Transfer. A release barrier: the board sees all that was written to memory before. */
  writeRegister(register: RegisterAddress, value: number | bigint): void

  /**
   * PCI configuration space (WD_PciConfigDump). All ones: nobody answered. WD_INVALID_PARAMETER for a
   * place that is not there, or no multiple of the width.
   */
  readConfig(at: ConfigAddress): number
  writeConfig(at: ConfigAddress, value: number): void

  /**
   * WD_MultiTransfer: up to 4,096 commands with 16 MiB of blocks, in order, off the event loop. The
   * whole list is checked before any of it runs. WD_TIME_OUT_EXPIRED for a poll in vain; what came
   * before it has been done. Accesses of others may come between.
   */
  transferRegisters(commands: readonly RegisterCommand[]): Promise<RegisterTransfer>
  /** A page of a live lock of this card, accessed like registers. */
  registerMemoryItem(lock: DmaLock, pageIndex: number): MemoryItem
  /**
   * Copies memory that the board may be writing, between two readings of its counter. True: what was
   * copied is of one piece. False: its steps were not completed, or the board came round to them
   * meanwhile, or does not answer; then look at the counter and copy what was completed last.
   */
  copyChecked(copy: CheckedCopy): boolean

  /**
   * From here on every register write, clean-up writes included, is appended to a file, before the
   * board sees it, as `write <bar> 0x<offset> <width> 0x<value>`. For finding faults: each write
   * then costs a system call.
   */
  traceWrites(path: string): void

  /**
   * WD_DMALock on the caller's memory: a view of a fixed-length, unshared, unpooled ArrayBuffer.
   * Detaching it does not end the lock.
   */
  lockScatterGather(bytes: Uint8Array, options?: LockOptions): Promise<DmaLock>
  /** WD_DMALock with DMA_KERNEL_BUFFER_ALLOC: zeroed memory that is one page. */
  lockContiguous(byteLength: number, options?: LockOptions): Promise<DmaLock>
  /**
   * WD_DMALock with DMA_GET_EXISTING_BUF: one more lock, with its own handle, holds and `userBytes`,
   * of the memory that a contiguous lock of this process covers. Attached to a lock of this card it
   * has the same pages; to a lock of another card, in whatever worker, pages of this card's own.
   * Memory and pages stay until the last of them is unlocked. WD_INVALID_HANDLE for the handle of
   * no live contiguous lock.
   */
  attachContiguous(handle: number, options?: AttachOptions): Promise<DmaLock>

  /** WD_DMATransactionInit. */
  openTransaction(request: TransactionRequest): Promise<DmaTransaction>

  /** Interrupt vectors that can be armed: MSI-X or MSI vectors, at most 32; 1 for INTx; 0. */
  readonly vectorCount: number
  /**
   * WD_IntEnable. One handler a vector; armed when this returns. Returns what disarms it
   * (WD_IntDisable).
   */
  onInterrupt(vector: number, handler: (event: InterruptEvent) => void): () => void
  /** WD_IntEnable for whoever would rather wait. Takes the place of the vector's handler. */
  enableInterrupt(vector: number): EnabledInterrupt
  /** Called for each refused access, at most 64 waiting. Returns what ends it. */
  onFault(handler: (fault: IommuFault) => void): () => void
  /**
   * Called once when the system wants the device back (unplugged, unbound) and waits until the card
   * is closed: close it soon. Returns what ends it.
   */
  onRemoval(handler: () => void): () => void
  /**
   * WD_CardCleanupSetup: register writes run when the card is closed, its worker ends or the
   * process exits.
   */
  setCleanup(writes: readonly { register: RegisterAddress; value: number | bigint }[]): void

  /**
   * While it is off the board starts no access and sends no interrupt. Off after open, on every bus:
   * the board's driver switches it on when it has proved the engine idle. False on a closed card.
   */
  readonly busMaster: boolean
  setBusMaster(enabled: boolean): void
  /** Accesses of the board that are under way now; hardware says only whether there are any, 0 or 1. */
  readonly pendingTransactions: number
  /** Whether the device offers a reset of its function. Without one `reset` is WD_NOT_IMPLEMENTED. */
  readonly canReset: boolean
  /**
   * Function-level reset: engines stopped, registers as after power-up. Locks, card memory and bus
   * mastering stay as they are. Resolves when it is done.
   */
  reset(): Promise<void>
  /**
   * Mistakes of the driver that a simulated card has noticed since it was opened, for people: each
   * once, at most 64. Always empty on hardware.
   */
  complaints(): readonly string[]
  /**
   * Simulated cards only (WD_NOT_IMPLEMENTED): after the fault `linkLost` registers answer again, as
   * after a reset. A reset alone does not bring a lost link back.
   */
  restoreLink(): Promise<void>
  /** Clean-up writes, engines stopped, then unlocks what is left. A second call does nothing. */
  close(): Promise<void>
}
