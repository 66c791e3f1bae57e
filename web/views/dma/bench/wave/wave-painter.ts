// Draws a wave on a canvas, as an oscilloscope would: grid, zero line, one trace for each channel.

import { type Ink, paintGrid, paintLabels, type Surface, toY, traceColour } from './plot.ts'
import { pixelSpans } from './wave-columns.ts'
import type { Scale } from './wave-scale.ts'

export interface WavePicture {
  channels: Float32Array[]
  scale: Scale
  /** Writes a value beside its line of the grid. */
  label: (value: number) => string
}

export function paintWave(surface: Surface, ink: Ink, picture: WavePicture): void {
  const { width } = surface
  paintGrid(surface, ink, picture.scale)
  picture.channels.forEach((columns, i) => {
    const colour = traceColour(ink, i)
    if (columns.length / 4 >= width / 2) paintSpans(surface, colour, columns, picture.scale)
    else paintLine(surface, colour, columns, picture.scale)
  })
  paintLabels(surface, ink, picture)
}

/** Many columns: a bar for each pixel. */
function paintSpans(surface: Surface, colour: string, columns: Float32Array, scale: Scale): void {
  const { context, width, height, ratio } = surface
  const spans = pixelSpans(columns, width)
  const thickness = 1.5 * ratio
  context.fillStyle = colour
  context.beginPath()
  for (let x = 0; x < width; x++) {
    const top = toY(spans[x * 2 + 1] as number, scale, height)
    const bottom = toY(spans[x * 2] as number, scale, height)
    // NaN: no samples here.
    if (top <= bottom) context.rect(x, top - thickness / 2, 1, bottom - top + thickness)
  }
  context.fill()
}

/** Few columns: a line through them. */
function paintLine(surface: Surface, colour: string, columns: Float32Array, scale: Scale): void {
  const { context, width, height, ratio } = surface
  const count = columns.length / 4
  context.strokeStyle = colour
  context.lineWidth = 1.5 * ratio
  context.lineJoin = 'round'
  context.beginPath()
  for (let i = 0; i < count; i++) {
    const x = ((i + 0.5) * width) / count
    for (let part = 0; part < 4; part++) {
      const value = columns[i * 4 + part] as number
      if (Number.isFinite(value)) context.lineTo(x, toY(value, scale, height))
    }
  }
  context.stroke()
}
