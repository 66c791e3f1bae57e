// Draws spectra on a canvas: levels in dBFS over frequency, one line for each channel.

import {
  type Ink,
  paintAxis,
  paintGrid,
  paintLabels,
  type Surface,
  toY,
  traceColour,
} from './plot.ts'
import { highestPerPixel } from './spectrum.ts'
import type { Scale } from './wave-scale.ts'

/** Full scale on top; what is below is rounding of single precision. */
export const levelScale: Scale = { min: -120, max: 6, step: 20 }

export interface SpectrumPicture {
  /** Of each channel, from 0 to half the sample rate, dBFS. */
  levels: Float32Array[]
  /** Writes the frequency at this share of the width. */
  frequency: (share: number) => string
}

export function paintSpectrum(surface: Surface, ink: Ink, picture: SpectrumPicture): void {
  paintGrid(surface, ink, levelScale)
  picture.levels.forEach((levels, i) => void paintLine(surface, traceColour(ink, i), levels))
  paintLabels(surface, ink, { scale: levelScale, label: (level) => `${level} dBFS` })
  paintAxis(surface, ink, picture.frequency)
}

function paintLine(surface: Surface, colour: string, levels: Float32Array): void {
  const { context, width, height, ratio } = surface
  const points = levels.length > width ? highestPerPixel(levels, width) : levels
  context.strokeStyle = colour
  context.lineWidth = 1.25 * ratio
  context.lineJoin = 'round'
  context.beginPath()
  for (let i = 0; i < points.length; i++) {
    const x = (i * width) / Math.max(1, points.length - 1)
    const level = Math.max(levelScale.min, points[i] as number)
    context.lineTo(x, toY(level, levelScale, height))
  }
  context.stroke()
}
