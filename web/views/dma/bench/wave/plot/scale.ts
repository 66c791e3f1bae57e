// The vertical scale of the wave: the whole range of the sample format, or what fits the samples shown.

import { type SampleFormat, sampleByteLength } from '../../../../../../server/contract/samples.ts'
import type { Extent } from './columns.ts'

export interface Scale extends Extent {
  /** Distance between two lines of the grid. */
  step: number
}

export const isFloat = (format: SampleFormat): boolean => format.startsWith('f')

/** Floats have no range to speak of; for them it is -1 to 1, the usual full scale. */
export function fullScale(format: SampleFormat): Scale {
  if (isFloat(format)) return { min: -1, max: 1, step: 0.25 }
  const span = 2 ** (sampleByteLength[format] * 8)
  const min = format.startsWith('u') ? 0 : -span / 2
  return { min, max: min + span, step: span / 8 }
}

/** Steps of 1, 2 or 5 times a power of ten, so that small changes of the samples leave the scale alone. */
export function fitScale({ min, max }: Extent): Scale {
  const span = max - min || Math.abs(max) || 1
  const step = roundStep(span / 6)
  return {
    min: Math.floor(min / step - 0.25) * step,
    max: Math.ceil(max / step + 0.25) * step,
    step,
  }
}

function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough) ?? 10
  return factor * power
}

/** Both extents in one; null if neither has samples. */
export function joinExtents(extents: (Extent | null)[]): Extent | null {
  const known = extents.filter((extent) => extent !== null)
  if (known.length === 0) return null
  return {
    min: Math.min(...known.map(({ min }) => min)),
    max: Math.max(...known.map(({ max }) => max)),
  }
}
