// One line of the table that the benchmarks print.

export interface BenchRow {
  name: string
  /** What the same machine does at best in the same run. */
  floor: number
  measured: number
  /** measured / floor, pair by pair; the median of the pairs. */
  ratio: number
  /** The ratio that is promised: at most this. Null: shown so that the other rows can be judged. */
  budget: number | null
  unit: string
}
