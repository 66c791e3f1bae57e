// Where two runs of bytes differ: they are given piece by piece, and only so much is kept of what was found. Pure.

import type { Difference } from '../contract/capture.ts'

/** Equal blocks are passed over at the speed of memory; only within others bytes are looked at one by one. */
const blockByteLength = 4096
/** Of each side of a range. */
const shownByteLength = 16

interface Pieces {
  left: Buffer
  right: Buffer
}

interface Kept {
  offset: number
  byteLength: number
  left: Buffer[]
  right: Buffer[]
}

export class DifferenceList {
  #byteLength = 0
  #count = 0
  readonly #ranges: Kept[] = []
  /** The end of the range that may go on in the next block. */
  #end = -1
  #goesOn: Kept | null = null
  #next: number | null = null

  constructor(private readonly limit: number) {}

  get byteLength(): number {
    return this.#byteLength
  }

  /** Of all ranges, also of those that had no room. */
  get count(): number {
    return this.#count
  }

  /** Where the first range begins that had no room. */
  get next(): number | null {
    return this.#next
  }

  get ranges(): Difference[] {
    return this.#ranges.map(({ offset, byteLength, left, right }) => ({
      ...{ offset, byteLength },
      left: Buffer.concat(left).toString('hex'),
      right: Buffer.concat(right).toString('hex'),
    }))
  }

  /** The next pieces of both sides, equally long, which begin at `offset`. They may be reused afterwards. */
  add(pieces: Pieces, offset: number): void {
    const { left, right } = pieces
    if (left.equals(right)) return
    for (let at = 0; at < left.length; at += blockByteLength) {
      const end = Math.min(at + blockByteLength, left.length)
      if (left.compare(right, at, end, at, end) !== 0) this.#look(pieces, { at, end }, offset)
    }
  }

  #look(pieces: Pieces, { at, end }: { at: number; end: number }, offset: number): void {
    const { left, right } = pieces
    for (let from = at; from < end; ) {
      while (from < end && left[from] === right[from]) from++
      let to = from
      while (to < end && left[to] !== right[to]) to++
      if (to > from) this.#keep(pieces, { from, to }, offset)
      from = to
    }
  }

  #keep({ left, right }: Pieces, { from, to }: { from: number; to: number }, offset: number): void {
    if (this.#end !== offset + from) this.#goesOn = this.#begin(offset + from)
    this.#end = offset + to
    this.#byteLength += to - from
    const range = this.#goesOn
    if (!range) return
    const shown = Math.min(to, from + Math.max(0, shownByteLength - range.byteLength))
    range.byteLength += to - from
    // A range goes on over any number of blocks; of most of them nothing is kept.
    if (shown <= from) return
    range.left.push(Buffer.from(left.subarray(from, shown)))
    range.right.push(Buffer.from(right.subarray(from, shown)))
  }

  #begin(offset: number): Kept | null {
    this.#count += 1
    if (this.#ranges.length >= this.limit) {
      this.#next ??= offset
      return null
    }
    const range = { offset, byteLength: 0, left: [], right: [] }
    this.#ranges.push(range)
    return range
  }
}
