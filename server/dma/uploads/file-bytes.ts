// The bytes of a file that somebody sends, taken one after the other as they come: never more of them in memory than were asked for.

import { createHash } from 'node:crypto'
import { maxUploadByteLength } from '../../contract/limits.ts'
import { PinlabError } from '../../errors.ts'

/** Says what is wrong with a file, and where. */
export function fileFault(detail: string, where: { byte: number } | { line: number }): PinlabError {
  return new PinlabError('PINLAB_CAPTURE_FILE', detail, { members: where })
}

export class FileBytes {
  readonly #pieces: AsyncIterator<Uint8Array>
  readonly #hash = createHash('sha256')
  #here: Buffer = Buffer.alloc(0)
  #taken = 0

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]()
  }

  /** How many were taken. */
  get offset(): number {
    return this.#taken
  }

  /** What has come, at least one byte and at most so many of them; null at the end. */
  async some(most = Number.POSITIVE_INFINITY): Promise<Buffer | null> {
    while (this.#here.length === 0) {
      const { done, value } = await this.#pieces.next()
      if (done) return null
      this.#hash.update(value)
      this.#here = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    }
    const part = this.#here.subarray(0, Math.min(most, this.#here.length))
    this.#here = this.#here.subarray(part.length)
    this.#taken += part.length
    if (this.#taken > maxUploadByteLength) {
      throw new PinlabError(
        'PINLAB_REQUEST_TOO_LARGE',
        `A file has at most ${maxUploadByteLength} bytes. Send a part.`,
      )
    }
    return part
  }

  /** So many, few enough to be in memory at once. `what` is being read, for whoever sent too little. */
  async take(byteLength: number, what: string): Promise<Buffer> {
    const parts: Buffer[] = []
    for await (const part of this.parts(byteLength, what)) parts.push(part)
    return Buffer.concat(parts)
  }

  /** So many, as they come. */
  async *parts(byteLength: number, what: string): AsyncGenerator<Buffer> {
    for (let left = byteLength; left > 0; ) {
      const part = await this.some(left)
      if (!part) {
        throw fileFault(
          `The file ends at byte ${this.#taken}, where ${left} bytes of ${what} are still due.`,
          { byte: this.#taken },
        )
      }
      left -= part.length
      yield part
    }
  }

  /** All that is left, as it comes. */
  async *rest(): AsyncGenerator<Buffer> {
    for (let part = await this.some(); part; part = await this.some()) yield part
  }

  async skipRest(): Promise<void> {
    while (await this.some());
  }

  /** No more is wanted, whether all was taken or not. */
  async close(): Promise<void> {
    await this.#pieces.return?.()
  }

  /** Of the whole file, once, after its last byte was taken. */
  sha256(): string {
    return this.#hash.digest('hex')
  }
}
