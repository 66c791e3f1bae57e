// What a bus brings along so that the contract suite can be run against it.

import type { Card, DmaLock, FaultKind } from '../../native/index.ts'

export interface OpenedBoard {
  card: Card
  /**
   * Makes the device read (`toDevice`) or write (`fromDevice`) a range of a lock, by device addresses only. What it writes is what it
   * last read. Resolves when it is done; `refused` when the IOMMU did not let it.
   */
  move(
    lock: DmaLock,
    direction: 'toDevice' | 'fromDevice',
    offset: number,
    byteLength: number,
  ): Promise<'moved' | 'refused'>
  /** Makes the device write all of a lock again and again until it is stopped. */
  moveForever(lock: DmaLock): Promise<{ stop(): Promise<void> }>
  /** Only of a board that can be made to fail. */
  faults?: {
    /** The next thing that the channel for moves in this direction does goes wrong. */
    strikeNext(kind: FaultKind, direction: 'toDevice' | 'fromDevice'): void
    /** Whether something has gone wrong since the board was last reset; also when it does not answer. */
    hasStruck(): boolean
    disarm(): void
  }
  close(): Promise<void>
}

/** In what buses differ, as far as the suite sees it. */
export interface BusLimits {
  /** Most bytes of one `move`. */
  moveByteLength: number
  /** Whether a page that two locks share counts once against RLIMIT_MEMLOCK, or for each of them. */
  sharedPagesCountOnce: boolean
}

export interface Bus {
  name: string
  limits: BusLimits
  open(): Promise<OpenedBoard>
  /** JSON of a CardConfig, for processes and workers that open the board themselves. */
  config: string
  /**
   * For scripts that have opened `card`: has the board work on memory of a lock again and again, without keeping the process. 4 MiB
   * or more are locked then.
   */
  busyScript: string
  /** The same for another board, which may be open beside this one. */
  otherConfig: string
  /**
   * A 32-bit register that keeps what is written (15 bits) and does nothing while the board is idle. `isPair`: the next one is
   * alike, and both answer to every width.
   */
  scratch: { barIndex: number; offset: number; isPair: boolean }
}
