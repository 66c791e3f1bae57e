// Levels of a spectrum on a scale of decibels.

import type { Scale } from './scale.ts'

/** Full scale on top; what is below is rounding of single precision. */
export const levelScale: Scale = { min: -120, max: 6, step: 20 }

/** The highest level that falls on each pixel: a line of the spectrum is never lost between two. */
export function highestPerPixel(levels: Float32Array, width: number): Float32Array {
  const highest = new Float32Array(width).fill(Number.NEGATIVE_INFINITY)
  for (let i = 0; i < levels.length; i++) {
    const x = Math.min(width - 1, Math.floor((i * width) / levels.length))
    highest[x] = Math.max(highest[x] as number, levels[i] as number)
  }
  return highest
}
