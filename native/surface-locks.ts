// The types of DMA locks.

import type { Direction } from '../server/contract/dma-options.ts'

export interface LockOptions {
  /** None means both, and is recorded as `toFromDevice`. */
  direction?: Direction
  /**
   * Bits of WD_DMA_OPTIONS (contract/dma-options.ts). Direction bits may be given here instead of
   * `direction`, not against it.
   */
  options?: number
  /**
   * Capacity of the page list (WinDriver's dwPages in). Only with LARGE_BUFFER, and required with
   * it.
   */
  maxPages?: number
  /**
   * Contiguous only: device addresses fit in so many bits, 1 to 64. Sets
   * KBUF_ALLOC_SPECIFY_ADDRESS_WIDTH and byte 4 of `options`, which may be given there instead.
   */
  addressWidth?: number
  /** Free text of the owner, for the leak report. */
  owner?: string
}

/** What the leak report says of a live lock. */
export interface LockReportEntry {
  handle: number
  originalHandle: number
  kind: 'scatterGather' | 'contiguous'
  /** As given when it was made. */
  owner: string
  direction: Direction
  options: number
  byteLength: number
  pageCount: number
  /** Of these, the bytes whose pages are in memory (mincore). */
  residentByteLength: number
  ageMs: number
  /** Since it was last made, held, released or synced; what touches `userBytes` is not seen. */
  unusedMs: number
  /** Users of its holds, oldest first. */
  holds: string[]
}

/** What an attachment may say of its own; the rest it takes over from the lock. */
export interface AttachOptions {
  /** Only the lock's own; for callers that want it checked. */
  direction?: Direction
  /** KERNEL_ONLY_MAP, and bits that say the same again. */
  options?: number
  owner?: string
}

export interface DmaPage {
  /** What the board puts on the bus; never 0. */
  address: bigint
  byteLength: number
}

/**
 * WD_DMA: memory locked for a board until unlock. An open card keeps its locks alive; garbage
 * collection never unlocks.
 */
export interface DmaLock {
  /** hDma: a number never 0 and not used again in this process. */
  readonly handle: number
  /** The lock that the memory was first locked with: `handle`, unless this is an attachment. */
  readonly originalHandle: number
  readonly kind: 'scatterGather' | 'contiguous'
  readonly direction: Direction
  readonly options: number
  readonly byteLength: number
  /** Page[0 .. dwPages-1], adjacent ones merged. */
  readonly pages: readonly DmaPage[]
  readonly addressKind: 'iova' | 'physical'
  /**
   * The locked memory. Contiguous: ours, detached by unlock; empty with KERNEL_ONLY_MAP.
   * Scatter/gather: exactly the array that the caller gave.
   */
  readonly userBytes: Uint8Array
  /**
   * How the processor sees the memory. User space on x86 has cached mappings only, with or without
   * ALLOW_CACHE; the buses we have are coherent with them.
   */
  readonly caching: 'cached'
  /** pKernelAddr: 0n where user space has no kernel mapping. */
  readonly kernelAddress: bigint
  readonly isLocked: boolean
  /** WD_DMASyncCpu: before the device reads or writes. */
  syncForDevice(): Promise<void>
  /** WD_DMASyncIo: after it, before the CPU looks. */
  syncForCpu(): Promise<void>
  /**
   * While a hold is not released, unlock answers WD_TRY_AGAIN. `user` says who holds it, for errors
   * and reports.
   */
  hold(user: string): LockHold
  /**
   * WD_DMAUnlock. When it resolves the device reaches the memory no more. WD_TRY_AGAIN while held,
   * WD_OPERATION_ALREADY_DONE the second time.
   */
  unlock(): Promise<void>
}

export interface LockHold {
  readonly user: string
  /** Releasing twice does nothing. */
  release(): void
}
