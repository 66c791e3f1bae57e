// A strip chart: what blocks of a ring held, one after another from the left to the right, until it leaves on the left. What was
// missed between two of them stays empty. Pure.

/** Columns that it has; each first, min, max, last. */
export const stripColumns = 1024

export class Strip {
  readonly channels: Float32Array[]
  /** Of each column, 1 where samples before it were missed. */
  readonly gaps = new Uint8Array(stripColumns)
  /** The sample, counted from the start of the transfer, at which the strip ends; null while it is empty. */
  #end: number | null = null
  /** As far as its last column reaches, in columns from the start of the transfer. */
  #head = 0

  constructor(
    channels: number,
    private readonly samplesPerColumn: number,
  ) {
    this.channels = Array.from({ length: channels }, () => emptyColumns())
  }

  /** `position`: its first sample, counted from the start of the transfer. */
  add(block: { position: number; samples: number }, columns: readonly Float32Array[]): void {
    const end = block.position + block.samples
    if (end === this.#end) return
    // A transfer that began anew counts from 0 again.
    if (this.#end !== null && end < this.#end) this.#end = null
    const missed = this.#end !== null && block.position > this.#end
    this.#advanceTo(Math.ceil(end / this.samplesPerColumn))
    this.#end = end
    columns.forEach((source, channel) => void this.#merge(block, source, channel))
    if (missed) this.#markGap(block.position)
  }

  #columnOf(sample: number): number {
    return Math.floor(sample / this.samplesPerColumn) - (this.#head - stripColumns)
  }

  #markGap(sample: number): void {
    const column = this.#columnOf(sample)
    if (column >= 0) this.gaps[column] = 1
  }

  #merge(
    block: { position: number; samples: number },
    source: Float32Array,
    channel: number,
  ): void {
    const target = this.channels[channel]
    const count = source.length / 4
    for (let i = 0; target && i < count; i++) {
      const column = this.#columnOf(block.position + Math.floor((i * block.samples) / count))
      if (column >= 0 && column < stripColumns) mergeColumn(target, column * 4, source, i * 4)
    }
  }

  #advanceTo(head: number): void {
    const by = this.#end === null ? stripColumns : Math.min(stripColumns, head - this.#head)
    this.#head = head
    if (by <= 0) return
    for (const columns of this.channels) {
      columns.copyWithin(0, by * 4)
      columns.fill(Number.NaN, (stripColumns - by) * 4)
    }
    this.gaps.copyWithin(0, by)
    this.gaps.fill(0, stripColumns - by)
  }
}

const emptyColumns = () => new Float32Array(stripColumns * 4).fill(Number.NaN)

function mergeColumn(to: Float32Array, at: number, from: Float32Array, i: number): void {
  const [first, min, max, last] = from.subarray(i, i + 4) as unknown as [
    number,
    number,
    number,
    number,
  ]
  if (Number.isNaN(to[at])) to[at] = first
  to[at + 1] = smaller(to[at + 1] as number, min)
  to[at + 2] = -smaller(-(to[at + 2] as number), -max)
  to[at + 3] = last
}

/** Of two of which either may be NaN, which counts for nothing. */
const smaller = (a: number, b: number) => (Number.isNaN(a) || b < a ? b : a)
