// What a kind of board must be able to do. One file in this folder implements it for each kind; registry.ts lists them.

import type { Card, DmaLock } from '../../native/index.ts'
import type { BoardDescription, Channel, FaultKind, Health, Register } from '../contract/board.ts'
import type { TransferMode, TransferState } from '../contract/dma-session.ts'

export interface TransferStart {
  channel: string
  mode: TransferMode
  lock: DmaLock
  /** Range of the lock, bytes. */
  offset: number
  byteLength: number
  /** Address on the board; memory channels only, 0 if not given. */
  deviceAddress: bigint
  /** Cyclic only: bytes between two completions; divides byteLength. */
  blockByteLength: number
  /** Once only: 0 waits for ever. */
  timeoutMs: number
}

export interface TransferProgress {
  /** Cyclic: whole blocks only. */
  bytesCompleted: number
  blocksCompleted: number
  /** How often data was lost so far. */
  overruns: number
}

export interface TransferOutcome extends TransferProgress {
  state: Exclude<TransferState, 'running'>
  /** Only with `failed`. */
  error?: DriverError
  /** What the board did wrong in this run, also where it was stopped. */
  fault?: { kind: FaultKind; detail: string }
}

/** One run of a channel. The driver holds the lock until it has ended. */
export interface DriverTransfer {
  /** Read from the board now; after the end, what the outcome says. */
  progress(): TransferProgress
  /** Never rejects. Settles when the engine is idle and the lock is no longer held. */
  readonly ended: Promise<TransferOutcome>
  /** Stops the engine; resolves as `ended` does. An engine that does not stop in time is reset. */
  stop(): Promise<TransferOutcome>
}

export interface BoardDriver {
  readonly channels: readonly Channel[]
  readonly registers: readonly Register[]
  /** Reads only. Rejects with a DriverError when this is not its kind of board. Brings the board to a known idle state. */
  identify(): Promise<NonNullable<BoardDescription['identity']>>
  /** What a stream channel delivers now, for views of its memory. */
  sampleFormat(): BoardDescription['sampleFormat']
  /**
   * Throws a DriverError before anything was touched when the request cannot be done: BUSY, OUT_OF_RANGE, DIRECTION, ALIGNMENT,
   * UNKNOWN_CHANNEL, TOO_LONG.
   */
  start(request: TransferStart): Promise<DriverTransfer>
  /** Whether nobody answers any more. Reads a register that is never all ones. */
  isLinkLost(): boolean
  /**
   * Ends all transfers as failed and brings the board back to the state after identify. A board that does not answer afterwards
   * keeps bus mastering off, and reaches no memory; its health check says so.
   */
  reset(): Promise<void>
  /** Reads only. */
  healthCheck(): Promise<Omit<Health, 'checkedAt'>>
}

export type DriverErrorCode =
  | 'NOT_THIS_KIND'
  | 'UNKNOWN_CHANNEL'
  | 'BUSY'
  | 'OUT_OF_RANGE'
  | 'DIRECTION'
  | 'ALIGNMENT'
  | 'TOO_LONG'
  | 'TIMED_OUT'
  | 'BOARD_FAULT'
  | 'LINK_LOST'

/** What went wrong on a board, with the WinDriver status that says the same. */
export class DriverError extends Error {
  override name = 'DriverError'
  constructor(
    readonly code: DriverErrorCode,
    readonly wdStatus: string,
    message: string,
  ) {
    super(message)
  }
}

export type DriverFactory = (card: Card) => BoardDriver
