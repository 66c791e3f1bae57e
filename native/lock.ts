// A DMA lock, as callers hold it.

import type { Direction } from '../server/contract/dma-options.ts'
import { addon, type LockAnswer, type LockArguments, type NativeLock } from './addon.ts'
import { invalid } from './errors.ts'
import { PageItem } from './memory-item.ts'
import type { DmaLock, DmaPage, LockHold, LockOptions, MemoryItem } from './surface.ts'

const directionBits: Record<Direction, number> = {
  fromDevice: 0x20,
  toDevice: 0x40,
  toFromDevice: 0x60,
}

export function directionOf(bits: number): Direction {
  if (bits === directionBits.fromDevice) return 'fromDevice'
  return bits === directionBits.toDevice ? 'toDevice' : 'toFromDevice'
}

const kbufAllocSpecifyAddressWidth = 0x800
const addressWidthShift = 24
/** Bits of WD_DMA_OPTIONS that belong to a function of their own. */
const ownFunctions = [
  [0x200, 'GET_EXISTING_BUF is attachContiguous'],
  [0x2000, 'TRANSACTION is openTransaction'],
] as const

const isU32 = (value: number) => Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff

/** Checks what only JavaScript can get wrong; what options mean is checked in core. */
export function lockArguments(
  operation: string,
  options: LockOptions,
  ownBit: 0 | 0x200 | 0x2000 = 0,
): LockArguments {
  const { direction, options: bits = 0, maxPages, owner = '' } = options
  if (!isU32(bits)) throw invalid(operation, 'options are a 32-bit number')
  for (const [bit, message] of ownFunctions) {
    if (bits & bit && bit !== ownBit) throw invalid(operation, message)
  }
  if (direction !== undefined && !Object.hasOwn(directionBits, direction)) {
    throw invalid(operation, `unknown direction ${String(direction)}`)
  }
  if (maxPages !== undefined && !isU32(maxPages)) {
    throw invalid(operation, 'maxPages is a 32-bit number')
  }
  const all = (bits | ownBit | addressWidthBits(operation, options)) >>> 0
  return [all, direction === undefined ? 0 : directionBits[direction], maxPages, owner]
}

function addressWidthBits(operation: string, { addressWidth, options = 0 }: LockOptions): number {
  if (addressWidth === undefined) return 0
  if (!Number.isInteger(addressWidth) || addressWidth < 1 || addressWidth > 64) {
    throw invalid(operation, 'an address width is 1 to 64 bits')
  }
  const bits = kbufAllocSpecifyAddressWidth | (addressWidth << addressWidthShift)
  if (options >>> addressWidthShift !== 0 && options >>> addressWidthShift !== addressWidth) {
    throw invalid(operation, 'addressWidth contradicts byte 4 of options')
  }
  return bits
}

/** Made by a card only. The card keeps it until the lock has ended. */
export class OpenLock implements DmaLock {
  readonly handle: number
  readonly originalHandle: number
  readonly direction: Direction
  readonly options: number
  readonly byteLength: number
  readonly addressKind = 'iova'
  readonly caching = 'cached'
  /** User space has no kernel mapping. */
  readonly kernelAddress = 0n
  readonly #native: NativeLock
  readonly #answer: LockAnswer
  readonly #onEnd: (lock: OpenLock) => void
  #pages: readonly DmaPage[] | undefined

  constructor(
    readonly kind: DmaLock['kind'],
    readonly userBytes: Uint8Array,
    answer: LockAnswer,
    onEnd: (lock: OpenLock) => void,
  ) {
    this.handle = answer.handle
    this.originalHandle = answer.originalHandle
    this.direction = directionOf(answer.direction)
    this.options = answer.options
    this.byteLength = answer.byteLength
    this.#native = answer.object
    this.#answer = answer
    this.#onEnd = onEnd
  }

  /** Made when first asked for: a list may have a million entries. */
  get pages(): readonly DmaPage[] {
    if (!this.#pages) {
      const { addresses, byteLengths } = this.#answer
      const pages = Array.from(addresses, (address, i) =>
        Object.freeze({ address, byteLength: byteLengths[i] ?? 0 }),
      )
      this.#pages = Object.freeze(pages)
    }
    return this.#pages
  }

  get isLocked(): boolean {
    return addon.isLocked(this.#native)
  }

  async syncForDevice(): Promise<void> {
    addon.sync(this.#native, true)
  }

  async syncForCpu(): Promise<void> {
    addon.sync(this.#native, false)
  }

  hold(user: string): LockHold {
    const native = this.#native
    const id = addon.hold(native, user)
    return { user, release: () => addon.release(native, id) }
  }

  async unlock(): Promise<void> {
    await addon.unlock(this.#native)
    this.ended()
  }

  memoryItem(pageIndex: number): MemoryItem {
    return new PageItem(this.#native, this.pages, pageIndex)
  }

  /** The device reaches it no more: also called when the card was closed. */
  ended(): void {
    // Contiguous memory is ours, and goes when nobody can see it any more.
    if (this.kind === 'contiguous') addon.detach(this.userBytes)
    this.#onEnd(this)
  }
}
