// What the host remembers of one lock and of the transfers that use it.

import type { DmaLock } from '../../native/index.ts'
import type { DriverTransfer } from '../drivers/board-driver.ts'
import type { HostTransferProgress } from './device-host.ts'
import type { OpenBoard } from './open-board.ts'

export interface RunningTransfer {
  n: number
  channel: string
  /** Where a ring lies in the lock; null for `once`. */
  ring: { offset: number; byteLength: number; blockByteLength: number } | null
  driver: DriverTransfer
  /** When `progress` is final. */
  ended: Promise<void>
  progress: HostTransferProgress
}

export interface HeldLock {
  lockId: string
  board: OpenBoard
  lock: DmaLock
  /** By number. Ended ones stay until unlock, so that late questions are answered. */
  transfers: Map<number, RunningTransfer>
  /** The one that was started last: views follow it. */
  latest: RunningTransfer | null
}
