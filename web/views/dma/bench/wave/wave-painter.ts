// Draws a wave on a canvas, as an oscilloscope would: grid, zero line, one trace for each channel.

import { pixelSpans } from './wave-columns.ts'
import type { Scale } from './wave-scale.ts'

export interface Picture {
  channels: Float32Array[]
  scale: Scale
  /** Writes a value beside its line of the grid. */
  label: (value: number) => string
}

export interface Ink {
  grid: string
  zero: string
  text: string
  ground: string
  traces: string[]
  font: string
}

const verticalLines = 10

export function readInk(element: Element): Ink {
  const style = getComputedStyle(element)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  return {
    grid: colour('--line-color'),
    zero: colour('--line-strong'),
    text: colour('--ink-3'),
    ground: colour('--well'),
    traces: [1, 2, 3, 4].map((n) => colour(`--trace-${n}`)),
    font: `11px ${colour('--font-data')}`,
  }
}

/** `width` and `height` in device pixels; `ratio` of them make one CSS pixel. */
export interface Surface {
  context: CanvasRenderingContext2D
  width: number
  height: number
  ratio: number
}

export function paintWave(surface: Surface, ink: Ink, picture: Picture | null): void {
  const { context, width, height } = surface
  context.clearRect(0, 0, width, height)
  paintGrid(surface, ink, picture?.scale ?? { min: -4, max: 4, step: 1 })
  if (!picture) return
  picture.channels.forEach((columns, i) => {
    const colour = ink.traces[i % ink.traces.length] ?? ink.text
    if (columns.length / 4 >= width / 2) paintSpans(surface, colour, columns, picture.scale)
    else paintLine(surface, colour, columns, picture.scale)
  })
  paintLabels(surface, ink, picture)
}

const toY = (value: number, scale: Scale, height: number) =>
  height * (1 - (value - scale.min) / (scale.max - scale.min))

function* gridValues({ min, max, step }: Scale): Generator<number> {
  for (let line = Math.ceil(min / step) + 0; line * step <= max; line++) yield line * step
}

function paintGrid({ context, width, height, ratio }: Surface, ink: Ink, scale: Scale): void {
  const thin = Math.max(1, Math.round(ratio))
  for (const value of gridValues(scale)) {
    context.fillStyle = value === 0 ? ink.zero : ink.grid
    context.fillRect(0, Math.round(toY(value, scale, height)), width, thin)
  }
  context.fillStyle = ink.grid
  for (let i = 1; i < verticalLines; i++) {
    context.fillRect(Math.round((width * i) / verticalLines), 0, thin, height)
  }
}

function paintLabels({ context, height, ratio }: Surface, ink: Ink, picture: Picture): void {
  context.font = ink.font.replace(/\d+/, (size) => String(Number(size) * ratio))
  context.textBaseline = 'bottom'
  for (const value of gridValues(picture.scale)) {
    const y = toY(value, picture.scale, height)
    if (y <= 14 * ratio || y >= height) continue
    const text = picture.label(value)
    // A veil behind the figures, so that they can be read over a trace.
    context.globalAlpha = 0.75
    context.fillStyle = ink.ground
    context.fillRect(0, y - 14 * ratio, context.measureText(text).width + 8 * ratio, 14 * ratio)
    context.globalAlpha = 1
    context.fillStyle = ink.text
    context.fillText(text, 4 * ratio, y - ratio)
  }
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
