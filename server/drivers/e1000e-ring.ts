// The receive ring: legacy descriptors (82574 datasheet 7.1.4) in locked memory, one for each slot.

import { ringStep } from './e1000e-rules.ts'

export const descriptorByteLength = 16
const descriptorDone = 0x1

/** One descriptor always stays with the driver, or head and tail could not tell full from empty. */
export function descriptorCount(slots: number, isCyclic: boolean): number {
  return isCyclic ? slots : Math.ceil((slots + 1) / ringStep) * ringStep
}

export class ReceiveRing {
  #head = 0

  /** `words` is the memory of `count` descriptors. */
  constructor(
    private readonly words: Uint32Array,
    private readonly count: number,
  ) {}

  /** All descriptors that have a slot, ready to be filled. */
  fill(addresses: readonly number[]): void {
    this.words.fill(0)
    for (const [index, address] of addresses.entries()) {
      this.words[4 * index] = address % 2 ** 32
      this.words[4 * index + 1] = Math.floor(address / 2 ** 32)
    }
  }

  /** The next filled descriptor, or null. It may be filled again when the tail has reached it. */
  take(): { index: number; byteLength: number } | null {
    const index = this.#head
    const at = 4 * index
    // The device writes this word last, and its lowest bit says so.
    if ((Atomics.load(this.words, at + 3) & descriptorDone) === 0) return null
    const byteLength = (this.words[at + 2] ?? 0) & 0xffff
    this.words[at + 3] = 0
    this.#head = (index + 1) % this.count
    return { index, byteLength }
  }
}
