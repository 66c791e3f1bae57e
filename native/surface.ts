// The types of the native layer: what a card looks like on every bus; its parts are in files beside this one.

import type { Direction } from '../server/contract/dma-options.ts'
import type { AttachOptions, DmaLock, LockOptions, LockReportEntry } from './surface-locks.ts'
import type {
  MemoryItem,
  RegisterAddress,
  RegisterCommand,
  RegisterTransfer,
} from './surface-registers.ts'
import type { DmaTransaction, TransactionRequest } from './surface-transactions.ts'

export type * from './surface-locks.ts'
export type * from './surface-memory.ts'
export type * from './surface-projections.ts'
export type * from './surface-registers.ts'
export type * from './surface-transactions.ts'
export type { Direction }

/** Where a card is and how it is set up. */
export type CardConfig = SimulatedCardConfig

export interface SimulatedCardConfig {
  bus: 'simulated'
  /**
   * What each channel reaches, channel 0 first. `h2c` knows memory and dac, `c2h` memory and adc.
   * At least one each, at most 4.
   */
  h2c: readonly ('memory' | 'dac')[]
  c2h: readonly ('memory' | 'adc')[]
  /** Card memory behind the memory channels, bytes. Default 64 MiB. */
  memoryByteLength?: number
  /**
   * 0 (default): a lock gets one run of device addresses. n > 0: runs are at most n CPU pages long
   * and never adjacent, so that lists are deterministic and long. Contiguous locks are not
   * affected.
   */
  fragmentation?: number
  /**
   * Absolute path of a file that the ADC can play: WAV (PCM or float), or .npy of shape (frames,) or
   * (frames, channels).
   */
  recording?: string
  /** What the frames of a file without a header are made of; at most 64 channels. */
  recordingFormat?: { format: RawFormat; channels: number }
  /** Armed at power-up and by each reset, at most 64. */
  faults?: readonly SimulatedFault[]
}

/**
 * What a simulated board does wrong: an engine that stays busy until reset; half of a descriptor
 * moved; registers that read all ones; an access outside of every lock; a message dropped; a bit
 * changed; count, status and interrupt late.
 */
export type FaultKind =
  | 'stall'
  | 'shortTransfer'
  | 'linkLost'
  | 'iommuFault'
  | 'lostInterrupt'
  | 'dataFlip'
  | 'lateCompletion'

/** A fault on purpose. It lets `skip` descriptors (or messages) pass and then strikes `count` times. */
export interface SimulatedFault {
  kind: FaultKind
  /** e.g. `c2h1` */
  channel: string
  /** Default 1. */
  count?: number
  /** Default 0. */
  skip?: number
  /** Of a late completion, ms; default 100. */
  delayMs?: number
}

/** Sample formats of a raw recording. */
export type RawFormat = 'i8' | 'u8' | 'i16le' | 'u16le' | 'i32le' | 'u32le' | 'f32le' | 'f64le'

export interface InterruptEvent {
  /** Messages on this vector since the handler last ran: at least 1. */
  count: number
  /** Messages that could not be counted: 0 where the bus hands over each one, as those we have do. */
  lost: number
}

/** An interrupt vector that is enabled for waiting. */
export interface EnabledInterrupt {
  readonly vector: number
  /** WD_IntCount: messages handed over since it was enabled. */
  readonly total: number
  /**
   * WD_IntWait: messages since the last wait, at once if there are any: none is lost between looking
   * and waiting. WD_TIME_OUT_EXPIRED; WD_INTERRUPT_NOT_ENABLED, also when it is disabled meanwhile;
   * WD_INVALID_HANDLE when the card is closed meanwhile; WD_TRY_AGAIN while another one waits. A
   * wait without a time-out does not keep the process.
   */
  wait(options?: { timeoutMs?: number }): Promise<InterruptEvent>
  /** WD_IntDisable. WD_INTERRUPT_NOT_ENABLED the second time. */
  disable(): void
}

/** Accesses of the board that its IOMMU refused: one, or several alike (channel, direction, reason) that came at once. */
export interface IommuFault {
  /** Of the first, like `at` and `nearestHandle`. */
  address: bigint
  /** What the board tried: to read (`toDevice`) or to write (`fromDevice`) the memory. */
  direction: 'toDevice' | 'fromDevice'
  /** Channel, e.g. `c2h1`. */
  channel: string
  /** ms since the epoch. */
  at: number
  reason: 'unmapped' | 'direction'
  /** The live or recently freed lock whose addresses are nearest, 0 if there is none. */
  nearestHandle: number
  /** How many. */
  count: number
}

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
   * WD_MultiTransfer: up to 4,096 commands with 16 MiB of blocks, in order, off the event loop. The
   * whole list is checked before any of it runs. WD_TIME_OUT_EXPIRED for a poll in vain; what came
   * before it has been done. Accesses of others may come between.
   */
  transferRegisters(commands: readonly RegisterCommand[]): Promise<RegisterTransfer>
  /** A page of a live lock of this card, accessed like registers. */
  registerMemoryItem(lock: DmaLock, pageIndex: number): MemoryItem
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
   * WD_CardCleanupSetup: register writes run when the card is closed, its worker ends or the
   * process exits.
   */
  setCleanup(writes: readonly { register: RegisterAddress; value: number | bigint }[]): void

  /** While it is off the board starts no access and sends no interrupt. On after open. */
  setBusMaster(enabled: boolean): void
  /** Accesses of the board that are under way now. */
  readonly pendingTransactions: number
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
