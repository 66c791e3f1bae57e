// What two cursors on a picture of samples read. Places are shares of its width, from 0 to 1.

import type { SampleWindow } from './wave-window.ts'

export interface CursorPlaces {
  a: number
  b: number
}

/** The sample, or level, under each cursor; null where there is none. */
export interface ChannelReading {
  a: number | null
  b: number | null
}

export const startingPlaces: CursorPlaces = { a: 0.25, b: 0.75 }

export const clampPlace = (place: number): number => Math.min(1, Math.max(0, place))

/** In the middle of where the sample is drawn. May be beside the picture. */
export const placeOf = (sample: number, { first, samples }: SampleWindow): number =>
  (sample - first + 0.5) / samples

export const sampleAt = (place: number, { first, samples }: SampleWindow): number =>
  first + Math.min(samples - 1, Math.floor(clampPlace(place) * samples))

/** Those from the earlier cursor up to the later one, which is not among them; at least one. */
export function samplesBetween({ a, b }: CursorPlaces): SampleWindow {
  return { first: Math.min(a, b), samples: Math.max(1, Math.abs(b - a)) }
}

/** Of a wave's columns: first, min, max, last. Under a cursor lies the first sample of its column. */
export function readWave(columns: Float32Array, { a, b }: CursorPlaces): ChannelReading {
  const count = columns.length / 4
  const at = (place: number) => columns[Math.floor(place * count) * 4]
  return { a: finite(at(a)), b: finite(at(b)) }
}

/** Of a spectrum's levels. */
export function readSpectrum(levels: Float32Array, { a, b }: CursorPlaces): ChannelReading {
  const at = (place: number) => levels[Math.round(place * (levels.length - 1))]
  return { a: finite(at(a)), b: finite(at(b)) }
}

const finite = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null
