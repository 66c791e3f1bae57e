// The shapes that samples have on a plot, in device pixels from the top left: bars where they are many, lines where they are few.

import { pixelSpans } from './columns.ts'
import { type Size, type SpectrumScene, toY, type WaveScene } from './scene.ts'
import { highestPerPixel } from './spectrum-levels.ts'

export const traceThickness = 1.5
/** Samples that are so far apart, in CSS pixels, are seen one by one. */
const pointDistance = 6
export const pointRadius = 2.5
export const gapHeight = 10

export type TraceShape =
  /** For each pixel of the width, top and bottom; NaN where there is nothing. */
  | { kind: 'bars'; edges: Float32Array }
  /** x and y of each point; NaN ends a line. */
  | { kind: 'line'; points: Float32Array; marked: boolean }

export function waveShape(columns: Float32Array, scene: WaveScene, size: Size): TraceShape {
  const { samples } = scene
  const single = samples <= columns.length / 4
  const many = single ? samples : columns.length / 4
  if (scene.gaps || many >= size.width / 2) return bars(columns, scene, size)
  if (single) return lineOf(singleSamples(columns, samples), scene, size)
  return lineOf(everyPart(columns), scene, size)
}

function bars(columns: Float32Array, scene: WaveScene, { width, height }: Size): TraceShape {
  const { scale, gaps } = scene
  const edges = pixelSpans(columns, width, gaps)
  for (let x = 0; x < width; x++) {
    const [low, high] = [edges[x * 2] as number, edges[x * 2 + 1] as number]
    edges[x * 2] = toY(high, scale, height)
    edges[x * 2 + 1] = toY(low, scale, height)
  }
  return { kind: 'bars', edges }
}

interface Values {
  values: Float32Array
  /** Values that share a place. */
  perPlace: number
}

function lineOf({ values, perPlace }: Values, { scale }: WaveScene, size: Size): TraceShape {
  const places = values.length / perPlace
  const points = new Float32Array(values.length * 2)
  for (let i = 0; i < values.length; i++) {
    points[i * 2] = ((Math.floor(i / perPlace) + 0.5) * size.width) / places
    points[i * 2 + 1] = toY(values[i] as number, scale, size.height)
  }
  const marked = perPlace === 1 && size.width / places >= pointDistance * size.ratio
  return { kind: 'line', points, marked }
}

/** Of columns that repeat a sample where there are more of them than samples. */
export function singleSamples(columns: Float32Array, samples: number): Values {
  const count = columns.length / 4
  const values = new Float32Array(samples)
  for (let i = 0; i < samples; i++) {
    values[i] = columns[Math.ceil((i * count) / samples) * 4] as number
  }
  return { values, perPlace: 1 }
}

/** Few columns of many samples: a line through all that is known of them. */
const everyPart = (columns: Float32Array): Values => ({ values: columns, perPlace: 4 })

export function spectrumShape(levels: Float32Array, scene: SpectrumScene, size: Size): TraceShape {
  const { scale } = scene
  const shown = levels.length > size.width ? highestPerPixel(levels, size.width) : levels
  const points = new Float32Array(shown.length * 2)
  for (let i = 0; i < shown.length; i++) {
    points[i * 2] = (i * size.width) / Math.max(1, shown.length - 1)
    points[i * 2 + 1] = toY(Math.max(scale.min, shown[i] as number), scale, size.height)
  }
  return { kind: 'line', points, marked: false }
}

/** The shape of each channel. */
export function shapesOf(scene: WaveScene | SpectrumScene, size: Size): TraceShape[] {
  return scene.kind === 'wave'
    ? scene.channels.map((columns) => waveShape(columns, scene, size))
    : scene.channels.map((levels) => spectrumShape(levels, scene, size))
}

/** Left edges of the pixels above which samples were missed. */
export function gapPixels(gaps: Uint8Array, width: number): number[] {
  const pixels: number[] = []
  for (let i = 0; i < gaps.length; i++) {
    if (gaps[i]) pixels.push(Math.floor((i * width) / gaps.length))
  }
  return [...new Set(pixels)]
}
