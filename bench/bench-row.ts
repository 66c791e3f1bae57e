// One line of the table that the benchmarks print.

export interface BenchRow {
  name: string
  /** What the same machine does at best in the same run. Null: there is none. */
  floor: number | null
  measured: number
  /** measured / floor, pair by pair; the median of the pairs. */
  ratio: number | null
  /** What is promised of the ratio, or of `measured` where there is no floor: at most this. Null: shown to judge the others by. */
  budget: number | null
  unit: string
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** Takes floor and measurement in turns, so that whatever else the machine does falls on both. Results in seconds. */
export async function inPairs(
  pairs: number,
  floor: () => Promise<number>,
  measured: () => Promise<number>,
): Promise<{ floor: number; measured: number; ratio: number }> {
  const floors: number[] = []
  const taken: number[] = []
  for (let pair = 0; pair < pairs; pair++) {
    floors.push(await floor())
    taken.push(await measured())
  }
  return {
    floor: median(floors),
    measured: median(taken),
    ratio: median(taken.map((value, pair) => value / (floors[pair] ?? Number.NaN))),
  }
}

/** Seconds that `work` took. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}
