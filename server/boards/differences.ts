// Where bytes differ from what they should be. Pure.

import type { HostComparison } from './device-host.ts'

/** Ranges that are told with their bytes, and how many bytes of each. */
const mostRanges = 100
const mostBytes = 16

type Range = HostComparison['first'][number]

export class Differences {
  #ranges = 0
  #byteLength = 0
  readonly #first: Range[] = []
  /** Where the last range ends, so that the next byte that differs belongs to it. */
  #end = -1

  /** Pieces come in the order in which they lie; `offset` is of their first byte. */
  add(offset: number, expected: Uint8Array, got: Uint8Array): void {
    if (Buffer.compare(expected, got) === 0) return
    for (let i = 0; i < got.byteLength; i++) {
      if (expected[i] !== got[i]) this.#count(offset + i, expected[i] ?? 0, got[i] ?? 0)
    }
  }

  result(): HostComparison {
    return { ranges: this.#ranges, byteLength: this.#byteLength, first: this.#first }
  }

  #count(offset: number, expected: number, got: number): void {
    this.#byteLength += 1
    if (offset !== this.#end) this.#begin(offset)
    this.#end = offset + 1
    if (this.#ranges > mostRanges) return
    const range = this.#first.at(-1)
    if (!range) return
    range.byteLength += 1
    if (range.byteLength > mostBytes) return
    range.expected += hex(expected)
    range.got += hex(got)
  }

  #begin(offset: number): void {
    this.#ranges += 1
    if (this.#ranges <= mostRanges) {
      this.#first.push({ offset, byteLength: 0, expected: '', got: '' })
    }
  }
}

const hex = (byte: number) => byte.toString(16).padStart(2, '0')
