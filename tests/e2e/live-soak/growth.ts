// Whether a heap grew over a run, judged by its first and last fifth: single samples go up and down.

const MiB = 1024 * 1024
const share = 0.05
/** A page and a server of few MiB may need this much more without a leak: caches fill, code is compiled. */
const slack = MiB

export interface Growth {
  /** Medians, bytes. */
  first: number
  last: number
  isTooMuch: boolean
}

/** Needs five samples. */
export function growthOf(samples: readonly number[]): Growth {
  const fifth = Math.floor(samples.length / 5)
  const first = medianOf(samples.slice(0, fifth))
  const last = medianOf(samples.slice(-fifth))
  return { first, last, isTooMuch: last - first > first * share + slack }
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
