// What two cursors on a picture of samples read. Places are shares of its width, from 0 to 1.

import type { Extent } from './wave-columns.ts'

export interface CursorPlaces {
  a: number
  b: number
}

export interface ChannelReading {
  /** The sample, or level, under each cursor; null where there is none. */
  a: number | null
  b: number | null
  /** The extremes from one cursor to the other. */
  between: Extent | null
}

export const startingPlaces: CursorPlaces = { a: 0.25, b: 0.75 }

export const clampPlace = (place: number): number => Math.min(1, Math.max(0, place))

/** Of a wave's columns: first, min, max, last. Under a cursor lies the first sample of its column. */
export function readWave(columns: Float32Array, { a, b }: CursorPlaces): ChannelReading {
  const count = columns.length / 4
  const at = (place: number) => Math.min(count - 1, Math.floor(place * count))
  const first = (place: number) => finite(columns[at(place) * 4])
  const [from, to] = [at(a), at(b)].sort((one, other) => one - other) as [number, number]
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (let column = from; column <= to; column++) {
    const low = columns[column * 4 + 1] as number
    const high = columns[column * 4 + 2] as number
    if (low < min) min = low
    if (high > max) max = high
  }
  return { a: first(a), b: first(b), between: min <= max ? { min, max } : null }
}

/** Of a spectrum's levels. */
export function readSpectrum(levels: Float32Array, { a, b }: CursorPlaces): ChannelReading {
  const at = (place: number) => Math.round(place * (levels.length - 1))
  const [from, to] = [at(a), at(b)].sort((one, other) => one - other) as [number, number]
  const within = levels.subarray(from, to + 1)
  return {
    a: finite(levels[at(a)]),
    b: finite(levels[at(b)]),
    between: { min: Math.min(...within), max: Math.max(...within) },
  }
}

const finite = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null
