// All that the features want from the machine that holds the boards. Arguments and results are plain data, so that the machine
// can be another one later; today LocalDeviceHost does it in process.

import type { BoardDescription, FaultKind, Health, RegisterOperation } from '../contract/board.ts'
import type { Direction, DmaOptionName, LockKind } from '../contract/dma-options.ts'
import type { TransferMode, TransferState } from '../contract/dma-session.ts'
import type { DoctorReport } from '../contract/doctor.ts'
import type { Trigger } from '../contract/live.ts'
import type { SampleFormat, SpectrumWindow } from '../contract/samples.ts'

/** Goes with each call that changes a board. The host refuses a lease that is older than the newest it has seen (ids sort by time),
 *  withdrawn, or past its deadline. */
export interface LeaseGrant {
  leaseId: string
  /** ms since the epoch. The host stops the board by itself then. */
  deadline: number
}

/** Why a board is not open, for people. */
export interface BoardFailure {
  reason: string
  /** Its engine may still be running: somebody has to look at it. Otherwise it is only offline. */
  quarantine: boolean
}

export interface HostBoard {
  description: BoardDescription
  failure: BoardFailure | null
}

export interface HostLockRequest {
  board: string
  grant: LeaseGrant
  /** Names the lock from here on: the DMA session's id. */
  lockId: string
  owner: string
  kind: LockKind
  byteLength: number
  direction?: Direction
  options: DmaOptionName[]
  maxPages?: number
  addressWidth?: number
}

export interface HostLock {
  direction: Direction
  options: DmaOptionName[]
  addressWidth: number | null
  addressKind: 'iova' | 'physical'
  pageCount: number
  /** At most `recordedPages` of them. */
  pages: { address: string; byteLength: number }[]
}

export interface HostTransferRequest {
  grant: LeaseGrant
  lockId: string
  n: number
  channel: string
  mode: TransferMode
  offset: number
  byteLength: number
  deviceAddress?: string
  blockByteLength?: number
  timeoutMs?: number
}

export interface HostTransferProgress {
  state: TransferState
  /** When the engine was started and, once it has ended, when that was; ms since the epoch. Null: it never started. */
  startedAt: number | null
  endedAt: number | null
  bytesCompleted: number
  blocksCompleted: number
  overruns: number
  /** Accesses of its channel that the IOMMU refused meanwhile. */
  refusedAccesses: number
  /** Only with `failed`. */
  failure?: { code: string; detail: string; wdStatus: string | null }
}

/** Occurrences that begin at `offset` or after it; backward, at it or before it. The bits that are set in the mask must agree. */
export interface HostSearchRequest {
  bytes: Uint8Array
  /** As long as `bytes`. */
  mask: Uint8Array
  offset: number
  backward: boolean
  alignment: number
  limit: number
}

export interface HostSearchResult {
  /** Offsets in the lock, in the order of the search. */
  matches: number[]
  /** Where to go on; null: the search came to the end of the lock, or its start. */
  next: number | null
}

export interface HostViewRequest {
  lockId: string
  /**
   * A spectrum has one level for each of `columns` frequencies, of 2 × (columns - 1) samples of each channel. Pages are the 4 KiB of
   * the lock that the window touches, which is at most 64 MiB: each read is one look at them, and says since how many looks each has
   * not changed.
   */
  kind: 'bytes' | 'wave' | 'pages' | 'spectrum' | 'statistics'
  offset: number
  byteLength: number
  follow: boolean
  format: SampleFormat
  channels: number
  stride: number
  columns: number
  /** Of a spectrum. */
  spectrumWindow: SpectrumWindow
  /** Only of a wave. */
  trigger: Trigger | null
}

export interface HostViewFrame {
  /** `headroom` unused bytes, then the payload; a new array each time. */
  bytes: Uint8Array
  capturedAt: number
  /** The window shown. */
  offset: number
  byteLength: number
  torn: boolean
  /** Data was lost since this view's frame before. */
  overrun: boolean
  /** How far ahead of its sample, in samples, the trigger's level is met; null: the window was not placed by a trigger. */
  triggerAhead: number | null
  bytesCompleted: number
}

export type HostEvent =
  | { type: 'transfer'; board: string; lockId: string; n: number; progress: HostTransferProgress }
  /** With the kind `removed` the board's transfers and locks have ended and it is closed. */
  | {
      type: 'fault'
      board: string
      kind: FaultKind
      /** Without the address. */
      detail: string
      address?: string
      channel?: string
      /** How many alike came at once; 1 if not given. */
      count?: number
      /** The lock, live or lately ended, whose addresses are nearest. */
      nearestLockId?: string
    }
  /** The host stopped the board because the grant's deadline passed. */
  | { type: 'deadline'; board: string; leaseId: string }

export interface ByteSpan {
  offset: number
  byteLength: number
}

export interface PatternFill extends ByteSpan {
  pattern: 'zero' | 'counter' | 'prbs31' | 'random'
  seed: number
}

/** Where bytes differ from a pattern. */
export interface HostComparison {
  ranges: number
  /** Of all ranges together. */
  byteLength: number
  /** At most 100 ranges in the order in which they lie, each with at most 16 of its bytes, in hexadecimal. */
  first: { offset: number; byteLength: number; expected: string; got: string }[]
}

export interface StopReport {
  /** False: the step was not done. Memory that the board may still reach is still locked. */
  ok: boolean
  detail: string
}

export interface DeviceHost {
  boards(): Promise<HostBoard[]>

  /** What a keeper has to know of the machine. `lockedByteLength` is what all locks together may come to. */
  examine(asked: { dataFolder: string; lockedByteLength: number }): Promise<DoctorReport>

  /** The lease begins, or has a later deadline from now on: older ones are refused. Nothing for a board that is not open. */
  renew(board: string, grant: LeaseGrant): Promise<void>
  /** The lease is over: it and older ones are refused from here on. */
  withdraw(board: string, leaseId: string): Promise<void>

  lock(request: HostLockRequest): Promise<HostLock>
  /** Needs no lease: taking access away always works. Refused with WD_TRY_AGAIN while a transfer runs. */
  unlock(lockId: string): Promise<void>
  sync(lockId: string, target: 'device' | 'cpu'): Promise<void>

  startTransfer(request: HostTransferRequest): Promise<HostTransferProgress>
  /** Needs no lease. Resolves when the engine is idle. */
  stopTransfer(lockId: string, n: number): Promise<HostTransferProgress>
  transferProgress(lockId: string, n: number): Promise<HostTransferProgress>

  readBytes(lockId: string, range: { offset: number; byteLength: number }): Promise<Uint8Array>
  /** Answers after `limit` matches, at the end, or after some seconds. The memory may change meanwhile. */
  search(lockId: string, request: HostSearchRequest): Promise<HostSearchResult>
  writeBytes(grant: LeaseGrant, lockId: string, offset: number, bytes: Uint8Array): Promise<void>
  fill(grant: LeaseGrant, lockId: string, fill: PatternFill): Promise<void>
  /** Turns every bit over: no byte stays what it was. */
  invert(grant: LeaseGrant, lockId: string, span: ByteSpan): Promise<void>
  /** Where the bytes differ from what the same `fill` writes. */
  compare(lockId: string, fill: PatternFill): Promise<HostComparison>

  operateRegisters(
    board: string,
    grant: LeaseGrant,
    operations: RegisterOperation[],
  ): Promise<string[]>

  openView(request: HostViewRequest): Promise<{ viewId: number; sampleRate?: number }>
  /** Null: the lock is gone. `waiting`: there is no trigger, and therefore nothing to show. */
  readView(viewId: number, headroom: number): Promise<HostViewFrame | 'waiting' | null>
  /** `overrun`: data was lost after the frame that was read last. Also where the lock is gone. */
  closeView(viewId: number): Promise<{ overrun: boolean }>

  /**
   * The stopping sequence's parts, for a board whose lease ended, in this order. Bounded in time. Bus mastering is off while the
   * board is reset and while memory is unlocked.
   */
  stopBoard(board: string): Promise<StopReport>
  resetBoard(board: string): Promise<StopReport>
  unlockBoard(board: string): Promise<StopReport>
  /**
   * Overwrites what people moved to the board and a reset leaves there, and resets it once more. Not done: it may still be there, and
   * the detail says why. After `unlockBoard` or `reopenBoard`.
   */
  zeroBoard(board: string): Promise<StopReport>
  /**
   * Closes the board, which ends its locks whatever state its engines are in, and opens it anew. Also for a board that could not be
   * opened. `stopBoard` comes first.
   */
  reopenBoard(board: string): Promise<StopReport>
  checkBoard(board: string): Promise<Health>

  subscribe(listener: (event: HostEvent) => void): () => void
  close(): Promise<void>
}
