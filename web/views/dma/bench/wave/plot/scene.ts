// What a plot shows, as plain data: it is drawn here or in a worker, on a canvas or with WebGL, and must look the same.

import type { Scale } from './scale.ts'

/** Colours as the theme has them, `#rrggbb`. */
export interface Ink {
  grid: string
  zero: string
  text: string
  ground: string
  gap: string
  traces: string[]
  font: string
}

/** `width` and `height` in device pixels; `ratio` of them make one CSS pixel. */
export interface Size {
  width: number
  height: number
  ratio: number
}

export interface WaveScene {
  kind: 'wave'
  scale: Scale
  /** Of each channel, columns of first, min, max, last. Without samples they are NaN. */
  channels: Float32Array[]
  /** Of each channel, in all columns. As many columns or more: each shows a single one. */
  samples: number
  /** Of each column, 1 where samples before it were missed; null where all of them are there. */
  gaps: Uint8Array | null
  /** Pictures with the same name fade into one another; null: each stands alone. */
  afterglow: string | null
}

export interface SpectrumScene {
  kind: 'spectrum'
  scale: Scale
  /** Of each channel, levels from 0 to half the sample rate. */
  channels: Float32Array[]
}

export interface SpectrogramScene {
  kind: 'spectrogram'
  /** Row after row from the newest, each `width` long: 0 for nothing, otherwise a level from 1 to 255. */
  levels: Uint8Array
  width: number
  rows: number
}

export interface EmptyScene {
  kind: 'empty'
  scale: Scale
}

export type Scene = WaveScene | SpectrumScene | SpectrogramScene | EmptyScene

export const verticalLines = 10

export const traceColour = (ink: Ink, channel: number) =>
  ink.traces[channel % ink.traces.length] ?? ink.text

/** From the top. */
export const toY = (value: number, scale: Scale, height: number) =>
  height * (1 - (value - scale.min) / (scale.max - scale.min))

/** Shares of the extent, from left to right and from top to bottom. */
export interface GridLine {
  at: number
  isZero: boolean
}

export interface Grid {
  across: GridLine[]
  down: GridLine[]
}

export function gridOf(scene: Scene): Grid {
  const down = Array.from({ length: verticalLines - 1 }, (_, i) => ({
    at: (i + 1) / verticalLines,
    isZero: false,
  }))
  if (scene.kind === 'spectrogram') return { across: [], down: [] }
  const { scale } = scene
  const across = [...gridValues(scale)].map((value) => ({
    at: toY(value, scale, 1),
    isZero: value === 0,
  }))
  return { across, down }
}

/** Strictly inside the scale. */
export function* gridValues({ min, max, step }: Scale): Generator<number> {
  for (let n = Math.floor(min / step) + 1; n * step < max; n++) yield n * step
}
