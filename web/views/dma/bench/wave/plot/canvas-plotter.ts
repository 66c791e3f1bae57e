// Draws scenes with Canvas 2D, for browsers and machines without WebGL 2.

import { Afterglow } from './afterglow.ts'
import { levelColours, type Rgb } from './colours.ts'
import type { Plotter } from './plotter.ts'
import {
  gridOf,
  type Ink,
  type Scene,
  type Size,
  type SpectrogramScene,
  type SpectrumScene,
  traceColour,
  type WaveScene,
} from './scene.ts'
import {
  gapHeight,
  gapPixels,
  pointRadius,
  shapesOf,
  type TraceShape,
  traceThickness,
} from './shapes.ts'

type Context = CanvasRenderingContext2D

export class CanvasPlotter implements Plotter {
  readonly #canvas: HTMLCanvasElement
  readonly #context: Context | null
  readonly #glow = document.createElement('canvas')
  readonly #afterglow = new Afterglow()

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
    this.#context = canvas.getContext('2d')
  }

  draw(scene: Scene, ink: Ink, size: Size): void {
    const context = this.#context
    if (!context) return
    if (this.#canvas.width !== size.width) this.#canvas.width = size.width
    if (this.#canvas.height !== size.height) this.#canvas.height = size.height
    context.clearRect(0, 0, size.width, size.height)
    drawGrid(context, scene, ink, size)
    if (scene.kind === 'spectrogram') drawLevels(context, scene, ink, size)
    else if (scene.kind === 'wave' && scene.afterglow !== null)
      this.#drawGlowing(context, scene, ink, size)
    else if (scene.kind !== 'empty') drawTraces(context, scene, ink, size)
    if (scene.kind === 'wave' && scene.gaps) drawGaps(context, scene.gaps, ink, size)
  }

  close(): void {}

  #drawGlowing(context: Context, scene: WaveScene, ink: Ink, size: Size): void {
    const glow = this.#glow.getContext('2d')
    if (!glow) return
    const kept = this.#afterglow.keeps(scene, size, performance.now())
    if (kept === 0) Object.assign(this.#glow, { width: size.width, height: size.height })
    glow.globalCompositeOperation = 'destination-in'
    glow.globalAlpha = kept
    glow.fillRect(0, 0, size.width, size.height)
    glow.globalCompositeOperation = 'source-over'
    glow.globalAlpha = 1
    drawTraces(glow, scene, ink, size)
    context.drawImage(this.#glow, 0, 0)
  }
}

function drawGrid(context: Context, scene: Scene, ink: Ink, { width, height, ratio }: Size): void {
  const thin = Math.max(1, Math.round(ratio))
  const { across, down } = gridOf(scene)
  for (const { at, isZero } of across) {
    context.fillStyle = isZero ? ink.zero : ink.grid
    context.fillRect(0, Math.round(at * height), width, thin)
  }
  context.fillStyle = ink.grid
  for (const { at } of down) context.fillRect(Math.round(at * width), 0, thin, height)
}

function drawTraces(
  context: Context,
  scene: WaveScene | SpectrumScene,
  ink: Ink,
  size: Size,
): void {
  shapesOf(scene, size).forEach((shape, channel) => {
    const colour = traceColour(ink, channel)
    if (shape.kind === 'bars') drawBars(context, shape.edges, colour, size)
    else drawLine(context, shape, colour, size)
  })
}

function drawBars(context: Context, edges: Float32Array, colour: string, { ratio }: Size): void {
  const thickness = traceThickness * ratio
  context.fillStyle = colour
  context.beginPath()
  for (let x = 0; x < edges.length / 2; x++) {
    const [top, bottom] = [edges[x * 2] as number, edges[x * 2 + 1] as number]
    if (top <= bottom) context.rect(x, top - thickness / 2, 1, bottom - top + thickness)
  }
  context.fill()
}

function drawLine(
  context: Context,
  { points, marked }: TraceShape & { kind: 'line' },
  colour: string,
  { ratio }: Size,
): void {
  context.strokeStyle = colour
  context.fillStyle = colour
  context.lineWidth = traceThickness * ratio
  context.lineJoin = 'round'
  context.beginPath()
  let begun = false
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i] as number, points[i + 1] as number]
    const there = Number.isFinite(y)
    if (there && begun) context.lineTo(x, y)
    else if (there) context.moveTo(x, y)
    begun = there
  }
  context.stroke()
  if (marked) drawPoints(context, points, pointRadius * ratio)
}

function drawPoints(context: Context, points: Float32Array, radius: number): void {
  context.beginPath()
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i] as number, points[i + 1] as number]
    if (!Number.isFinite(y)) continue
    context.moveTo(x + radius, y)
    context.arc(x, y, radius, 0, 2 * Math.PI)
  }
  context.fill()
}

function drawGaps(context: Context, gaps: Uint8Array, ink: Ink, size: Size): void {
  const thin = Math.max(1, Math.round(size.ratio))
  context.fillStyle = ink.gap
  for (const x of gapPixels(gaps, size.width)) {
    context.fillRect(x, size.height - gapHeight * size.ratio, thin, gapHeight * size.ratio)
  }
}

function drawLevels(context: Context, scene: SpectrogramScene, ink: Ink, size: Size): void {
  const { levels, width, rows } = scene
  if (width === 0) return
  const colours = levelColours(ink.ground)
  const image = new ImageData(width, rows)
  levels.forEach((level, i) => {
    const [red, green, blue] = colours[level] as Rgb
    image.data.set([red, green, blue, 255], i * 4)
  })
  const small = Object.assign(document.createElement('canvas'), { width, height: rows })
  small.getContext('2d')?.putImageData(image, 0, 0)
  context.imageSmoothingEnabled = false
  context.drawImage(small, 0, 0, size.width, size.height)
}
