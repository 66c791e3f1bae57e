// One page of a lock, accessed like registers.

import { addon, type NativeLock } from './addon.ts'
import { invalid } from './errors.ts'
import { registerValue } from './register-list.ts'
import type { DmaPage, MemoryAddress, MemoryItem } from './surface.ts'

/** Made by a card only. Has nothing to give back: it is of use for as long as its lock lives. */
export class PageItem implements MemoryItem {
  readonly address: bigint
  readonly byteLength: number
  readonly #native: NativeLock
  /** Bytes of the lock before the page. */
  readonly #begin: number

  constructor(native: NativeLock, pages: readonly DmaPage[], pageIndex: number) {
    const page = pages[pageIndex]
    if (!page) throw invalid('registerMemoryItem', `the lock has ${pages.length} pages`)
    this.address = page.address
    this.byteLength = page.byteLength
    this.#native = native
    this.#begin = pages.slice(0, pageIndex).reduce((sum, before) => sum + before.byteLength, 0)
  }

  readRegister(at: MemoryAddress & { width: 64 }): bigint
  readRegister(at: MemoryAddress & { width: 8 | 16 | 32 }): number
  readRegister(at: MemoryAddress): number | bigint
  readRegister({ offset, width }: MemoryAddress): number | bigint {
    this.#check('readRegister', offset, width)
    const value = addon.readMemory(this.#native, this.#begin + offset, width)
    return width === 64 ? value : Number(value)
  }

  writeRegister({ offset, width }: MemoryAddress, value: number | bigint): void {
    this.#check('writeRegister', offset, width)
    const word = registerValue(value, 'writeRegister')
    if (word >> BigInt(width) !== 0n) {
      throw invalid('writeRegister', 'the value does not fit in the register')
    }
    addon.writeMemory(this.#native, this.#begin + offset, width, word)
  }

  /** The neighbours of the page in the lock are no part of the item. */
  #check(operation: string, offset: number, width: number): void {
    if (!Number.isSafeInteger(offset) || offset < 0 || offset + width / 8 > this.byteLength) {
      throw invalid(operation, 'the access lies outside of the page')
    }
  }
}
