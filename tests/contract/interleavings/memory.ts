// What is in a piece of host memory as it ought to be, beside what is there.

import { expect } from 'vitest'

export const cpuPageByteLength = 4096
let memories = 0

/** Caller's memory, or that of a contiguous lock with all that are attached to it. */
export class Memory {
  readonly id = ++memories
  readonly #expected: Buffer
  /** Where a device is writing just now: anything may be there. */
  readonly #unsettled = new Set<readonly [begin: number, end: number]>()
  /** False once a device has put there what nobody knows, and nobody can look. */
  #isKnown = true

  constructor(
    readonly byteLength: number,
    /** Where byte 0 lies in its CPU page. */
    readonly pageOffset: number,
    /** The memory itself while somebody can see it; detached, nobody can. */
    private readonly view: () => Uint8Array | undefined,
  ) {
    this.#expected = Buffer.alloc(byteLength)
  }

  /** CPU pages that hold a range, each with a name of its own in the process. */
  pages(offset: number, byteLength: number): string[] {
    const first = Math.floor((this.pageOffset + offset) / cpuPageByteLength)
    const last = Math.floor((this.pageOffset + offset + byteLength - 1) / cpuPageByteLength)
    return Array.from({ length: last - first + 1 }, (_, i) => `${this.id}:${first + i}`)
  }

  /** The processor writes: different bytes at each place, so that moved ones do not go unseen. */
  write(offset: number, byteLength: number, value: number): void {
    const bytes = this.#expected.subarray(offset, offset + byteLength)
    bytes.forEach((_, i) => {
      bytes[i] = value + 31 * i + 7 * (i >> 8)
    })
    this.#seen()?.set(bytes, offset)
  }

  /** A device has written. */
  expect(offset: number, bytes: Uint8Array): void {
    this.#expected.set(bytes, offset)
  }

  /** What a device reads of a range; nothing where that is not known. */
  read(offset: number, byteLength: number): Buffer | undefined {
    const isUnsettled = [...this.#unsettled].some(
      ([begin, end]) => offset < end && begin < offset + byteLength,
    )
    if (isUnsettled || !this.#isKnown) return undefined
    return Buffer.from(this.#expected.subarray(offset, offset + byteLength))
  }

  /** From here on a device may write to a range. Returns what says that it cannot any more. */
  unsettle(offset: number, byteLength: number): () => void {
    const range = [offset, offset + byteLength] as const
    this.#unsettled.add(range)
    return () => {
      if (this.#unsettled.delete(range)) this.adopt(offset, byteLength)
    }
  }

  /** As `unsettle` of a device that writes the same again and again, for which only other bytes tell whether it has ended. */
  unsettleUntilOverwritten(offset: number, byteLength: number): () => void {
    const settle = this.unsettle(offset, byteLength)
    return () => {
      settle()
      this.write(offset, byteLength, 0x5a)
    }
  }

  /** Takes what is there for right; from now on it must stay. */
  adopt(offset: number, byteLength: number): void {
    const actual = this.#seen()?.subarray(offset, offset + byteLength)
    if (actual) this.#expected.set(actual, offset)
    else this.#isKnown = false
  }

  #seen(): Uint8Array | undefined {
    const view = this.view()
    return view?.length ? view : undefined
  }

  check(): void {
    const actual = this.#seen()
    if (!actual || !this.#isKnown) return
    let begin = 0
    const ranges = [...this.#unsettled].sort(([a], [b]) => a - b)
    for (const [from, to] of [...ranges, [this.byteLength, this.byteLength] as const]) {
      if (from > begin) this.#compare(actual, begin, from)
      begin = Math.max(begin, to)
    }
  }

  #compare(actual: Uint8Array, begin: number, end: number): void {
    const is = actual.subarray(begin, end)
    const ought = this.#expected.subarray(begin, end)
    if (Buffer.compare(is, ought) === 0) return
    const first = is.findIndex((byte, i) => byte !== ought[i])
    expect.fail(
      `byte ${begin + first} of memory ${this.id} is ${is[first]}, and ought to be ${ought[first]}`,
    )
  }
}
