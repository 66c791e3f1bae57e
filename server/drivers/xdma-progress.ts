// Turns the engine's count of finished descriptors into bytes and blocks. Pure.

import type { Piece } from './lock-pieces.ts'

export class DescriptorProgress {
  /** Bytes, and blocks, after so many descriptors of one lap. */
  readonly #bytes: Float64Array
  readonly #blocks: Uint32Array
  #total = 0
  #seen = 0

  constructor(
    private readonly pieces: readonly Piece[],
    private readonly cyclic: boolean,
  ) {
    this.#bytes = new Float64Array(pieces.length + 1)
    this.#blocks = new Uint32Array(pieces.length + 1)
    pieces.forEach((piece, index) => {
      this.#bytes[index + 1] = (this.#bytes[index] ?? 0) + piece.byteLength
      this.#blocks[index + 1] = (this.#blocks[index] ?? 0) + (piece.endsBlock ? 1 : 0)
    })
  }

  /** Takes the 32-bit register, which wraps, and the engine's last descriptors into account. */
  update(completedCount: number): void {
    this.#total += (completedCount - this.#seen) >>> 0
    this.#seen = completedCount
  }

  get descriptors(): number {
    return this.#total
  }

  get blocks(): number {
    const { laps, rest } = this.#position()
    return laps * this.blocksPerLap + (this.#blocks[rest] ?? 0)
  }

  /** Cyclic: whole blocks only. */
  get bytes(): number {
    const { laps, rest } = this.#position()
    const inLap = this.cyclic ? this.#endOfBlock(this.#blocks[rest] ?? 0) : (this.#bytes[rest] ?? 0)
    return laps * (this.#bytes[this.pieces.length] ?? 0) + inLap
  }

  get blocksPerLap(): number {
    return this.#blocks[this.pieces.length] ?? 0
  }

  #position() {
    const perLap = this.pieces.length
    if (!this.cyclic) return { laps: 0, rest: Math.min(this.#total, perLap) }
    return { laps: Math.floor(this.#total / perLap), rest: this.#total % perLap }
  }

  /** All blocks of a ring are equally long. */
  #endOfBlock(blocks: number): number {
    return blocks * ((this.#bytes[this.pieces.length] ?? 0) / this.blocksPerLap)
  }
}
