// What every picture of samples is drawn with: a surface, the theme's ink, the grid and its figures.

import type { Scale } from './wave-scale.ts'

export interface Ink {
  grid: string
  zero: string
  text: string
  ground: string
  traces: string[]
  font: string
}

/** `width` and `height` in device pixels; `ratio` of them make one CSS pixel. */
export interface Surface {
  context: CanvasRenderingContext2D
  width: number
  height: number
  ratio: number
}

/** Draws itself. */
export type Picture = (surface: Surface, ink: Ink) => void

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

export const traceColour = (ink: Ink, channel: number) =>
  ink.traces[channel % ink.traces.length] ?? ink.text

export const toY = (value: number, scale: Scale, height: number) =>
  height * (1 - (value - scale.min) / (scale.max - scale.min))

function* gridValues({ min, max, step }: Scale): Generator<number> {
  for (let line = Math.ceil(min / step) + 0; line * step <= max; line++) yield line * step
}

export function paintGrid(
  { context, width, height, ratio }: Surface,
  ink: Ink,
  scale: Scale,
): void {
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

/** Each value beside its line of the grid. */
export function paintLabels(
  surface: Surface,
  ink: Ink,
  { scale, label }: { scale: Scale; label: (value: number) => string },
): void {
  const { height, ratio } = surface
  for (const value of gridValues(scale)) {
    const y = toY(value, scale, height)
    if (y > 14 * ratio && y < height) paintText(surface, ink, label(value), 4 * ratio, y - ratio)
  }
}

/** What each tenth of the width stands for, at the bottom. */
export function paintAxis(surface: Surface, ink: Ink, label: (share: number) => string): void {
  const { width, height, ratio } = surface
  const every = width / ratio < 600 ? 2 : 1
  for (let i = every; i < verticalLines; i += every) {
    const x = (width * i) / verticalLines + 4 * ratio
    paintText(surface, ink, label(i / verticalLines), x, height - ratio)
  }
}

/** A veil behind it, so that it can be read over a trace. */
function paintText(
  { context, ratio }: Surface,
  ink: Ink,
  text: string,
  x: number,
  y: number,
): void {
  context.font = ink.font.replace(/\d+/, (size) => String(Number(size) * ratio))
  context.textBaseline = 'bottom'
  context.globalAlpha = 0.75
  context.fillStyle = ink.ground
  context.fillRect(
    x - 4 * ratio,
    y - 13 * ratio,
    context.measureText(text).width + 8 * ratio,
    14 * ratio,
  )
  context.globalAlpha = 1
  context.fillStyle = ink.text
  context.fillText(text, x, y)
}
