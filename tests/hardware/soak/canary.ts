// Memory that lies open to a board at all the addresses that there are, and must not change.

import {
  allocatePages,
  type Card,
  type DmaError,
  type DmaLock,
  fillPattern,
  freePages,
} from '../../../native/index.ts'
import type { AddressRange } from './owner-messages.ts'

const MiB = 1024 * 1024
const pieceByteLength = 2 * MiB

/** Owners open their boards so that these 15 MiB are all the addresses there are: what a dead one used is soon used again. */
export const addressWidth = 24
const mostPieces = 7

export class Canary {
  readonly #pieces: Uint8Array[]
  readonly #expected: Uint8Array
  #locks: DmaLock[] = []

  private constructor(pieces: Uint8Array[], expected: Uint8Array) {
    this.#pieces = pieces
    this.#expected = expected
  }

  /** Filled before the board is opened, so that it is laid out at once. */
  static async make(): Promise<Canary> {
    const pieces = Array.from({ length: mostPieces }, () => allocatePages(pieceByteLength))
    for (const piece of pieces) await fillPattern(piece, 'prbs31', 1)
    return new Canary(pieces, Uint8Array.from(pieces[0] ?? []))
  }

  get byteLength(): number {
    return this.#locks.length * pieceByteLength
  }

  /** Until it lies on all of these ranges, or no piece finds addresses any more; the driver finds its own in what is left. */
  async layOut(card: Card, ranges: readonly AddressRange[]): Promise<void> {
    const wanted = ranges.reduce((sum, { byteLength }) => sum + byteLength, 0)
    for (const piece of this.#pieces) {
      try {
        this.#locks.push(await card.lockScatterGather(piece))
      } catch (error) {
        if ((error as DmaError).statusName !== 'WD_INSUFFICIENT_RESOURCES') throw error
        return
      }
      if (this.covered(ranges) === wanted) return
    }
  }

  /** How many bytes of these ranges it lies on. */
  covered(ranges: readonly AddressRange[]): number {
    const pages = this.#locks.flatMap((lock) => lock.pages)
    let sum = 0
    for (const range of ranges) {
      const from = Number(range.address)
      for (const { address, byteLength } of pages) {
        const begin = Math.max(from, Number(address))
        const end = Math.min(from + range.byteLength, Number(address) + byteLength)
        sum += Math.max(0, end - begin)
      }
    }
    return sum
  }

  /** How many bytes are no longer what they were. */
  changed(): number {
    let sum = 0
    for (const piece of this.#pieces) {
      if (Buffer.compare(piece, this.#expected) === 0) continue
      piece.forEach((byte, at) => {
        if (byte !== this.#expected[at]) sum += 1
      })
    }
    return sum
  }

  /** For good. */
  async takeUp(): Promise<void> {
    for (const lock of this.#locks) await lock.unlock()
    this.#locks = []
    for (const piece of this.#pieces) freePages(piece)
  }
}
