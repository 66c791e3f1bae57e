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
  /**
   * Asked after `progress`: the board did not answer, so that it may have completed more than that says, and nobody knows what of a
   * ring it has written. Never true of a count that lies in host memory.
   */
  readonly isCountLost: boolean
  /** Never rejects. Settles when the engine is idle and the lock is no longer held. */
  readonly ended: Promise<TransferOutcome>
  /** Stops the engine; resolves as `ended` does. An engine that does not stop in time is reset. */
  stop(): Promise<TransferOutcome>
}

/** What people moved to a board and a reset leaves there: its next holder must not see it. */
export type Remains =
  | { kind: 'nothing' }
  /** All that this channel reaches, from device address 0 on. It is theirs to overwrite, so it is filled with zeros between two people. */
  | { kind: 'memory'; channel: string; byteLength: number }
  /** It cannot be cleared, or is not ours to clear: why, for people. */
  | { kind: 'kept'; why: string }

export interface BoardDriver {
  readonly channels: readonly Channel[]
  readonly registers: readonly Register[]
  /** Known after identify. */
  readonly remains: Remains
  /**
   * Rejects with a DriverError when this is not its kind of board. Brings the board to a known idle state with bus mastering off,
   * which it comes with, and only then switches it on: what a dead process left running must not reach our memory. NOT_IDLE when
   * it cannot.
   */
  identify(): Promise<NonNullable<BoardDescription['identity']>>
  /** What a stream channel delivers now, for views of its memory. */
  sampleFormat(): BoardDescription['sampleFormat']
  /**
   * Throws a DriverError before anything was touched when the request cannot be done: BUSY, OUT_OF_RANGE, DIRECTION, ALIGNMENT,
   * UNKNOWN_CHANNEL, MODE, READ_ONLY, TOO_LONG; BOARD_FAULT while bus mastering is off, until a reset.
   */
  start(request: TransferStart): Promise<DriverTransfer>
  /** Whether nobody answers any more. Reads a register that is never all ones. */
  isLinkLost(): boolean
  /**
   * Ends all transfers as failed and brings the board back to the state after identify; NOT_IDLE when it cannot. A board that does
   * not answer afterwards, or is not idle, keeps bus mastering off, and reaches no memory; its health check says so.
   */
  reset(): Promise<void>
  /** Reads only. */
  healthCheck(): Promise<Omit<Health, 'checkedAt'>>
}

export type DriverErrorCode =
  | 'NOT_THIS_KIND'
  /** The engine could not be brought to a stop, so bus mastering stays off. */
  | 'NOT_IDLE'
  | 'UNKNOWN_CHANNEL'
  | 'BUSY'
  /** The channel does not run in this mode, or not on memory of this kind. */
  | 'MODE'
  /** The board's configuration does not say `writable: true`. */
  | 'READ_ONLY'
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

/** What the lab's configuration says to the driver of a board. */
export interface DriverSettings {
  /** Whether what the board keeps may be overwritten. */
  writable: boolean
  /** Of the memory on the card, where the board does not say so itself. */
  memoryByteLength?: number
}

/** An entry of the registry. */
export interface DriverKind {
  create(card: Card, settings: DriverSettings): BoardDriver
  /** Bits of a device address that its engine can put out. */
  addressWidth: number
}
