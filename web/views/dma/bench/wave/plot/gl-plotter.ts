// Draws scenes with WebGL 2, in a worker.

import { Afterglow } from './afterglow.ts'
import { levelColours, rgbOf } from './colours.ts'
import { GlLayer } from './gl-layer.ts'
import { makePrograms, type Programs } from './gl-programs.ts'
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

export class GlPlotter implements Plotter {
  readonly #programs: Programs
  readonly #shapes: WebGLBuffer
  readonly #levels: WebGLTexture
  readonly #colours: WebGLTexture
  readonly #afterglow = new Afterglow()
  /** The pictures that fade, and what is left of them. */
  #glow: [GlLayer, GlLayer] | null = null

  /** Throws where the context is lost. */
  constructor(
    private readonly canvas: OffscreenCanvas,
    private readonly gl: WebGL2RenderingContext,
  ) {
    this.#programs = makePrograms(gl)
    this.#shapes = gl.createBuffer()
    this.#levels = gl.createTexture()
    this.#colours = gl.createTexture()
    gl.bindVertexArray(gl.createVertexArray())
    gl.enable(gl.BLEND)
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA)
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1)
  }

  draw(scene: Scene, ink: Ink, size: Size): void {
    const { gl, canvas } = this
    if (canvas.width !== size.width) canvas.width = size.width
    if (canvas.height !== size.height) canvas.height = size.height
    gl.viewport(0, 0, size.width, size.height)
    gl.clearColor(0, 0, 0, 0)
    gl.clear(gl.COLOR_BUFFER_BIT)
    this.#drawGrid(scene, ink, size)
    if (scene.kind === 'spectrogram') this.#drawLevels(scene, ink)
    else if (scene.kind === 'wave' && scene.afterglow !== null) this.#drawGlowing(scene, ink, size)
    else if (scene.kind !== 'empty') this.#drawTraces(scene, ink, size)
    if (scene.kind === 'wave' && scene.gaps) this.#drawGaps(scene.gaps, ink, size)
  }

  close(): void {
    this.gl.getExtension('WEBGL_lose_context')?.loseContext()
  }

  /** Rectangles of one colour need no shader: a part of the picture is cleared to it. */
  #fill(colour: string, x: number, y: number, width: number, height: number): void {
    const { gl } = this
    const [red, green, blue] = rgbOf(colour)
    gl.enable(gl.SCISSOR_TEST)
    gl.scissor(x, this.canvas.height - y - height, width, height)
    gl.clearColor(red / 255, green / 255, blue / 255, 1)
    gl.clear(gl.COLOR_BUFFER_BIT)
    gl.disable(gl.SCISSOR_TEST)
  }

  #drawGrid(scene: Scene, ink: Ink, { width, height, ratio }: Size): void {
    const thin = Math.max(1, Math.round(ratio))
    const { across, down } = gridOf(scene)
    for (const { at, isZero } of across) {
      this.#fill(isZero ? ink.zero : ink.grid, 0, Math.round(at * height), width, thin)
    }
    for (const { at } of down) this.#fill(ink.grid, Math.round(at * width), 0, thin, height)
  }

  #drawGaps(gaps: Uint8Array, ink: Ink, { width, height, ratio }: Size): void {
    const tall = Math.round(gapHeight * ratio)
    const thin = Math.max(1, Math.round(ratio))
    for (const x of gapPixels(gaps, width)) this.#fill(ink.gap, x, height - tall, thin, tall)
  }

  #drawTraces(scene: WaveScene | SpectrumScene, ink: Ink, size: Size): void {
    shapesOf(scene, size).forEach((shape, channel) => {
      const colour = traceColour(ink, channel)
      if (shape.kind === 'bars') this.#drawBars(shape.edges, colour, size)
      else this.#drawLine(shape, colour, size)
    })
  }

  #drawBars(edges: Float32Array, colour: string, size: Size): void {
    const { gl } = this
    const { bars } = this.#programs
    bars.use()
    gl.uniform2f(bars.at('size'), size.width, size.height)
    gl.uniform1f(bars.at('thickness'), traceThickness * size.ratio)
    this.#setColour(bars.at('colour'), colour)
    this.#drawInstances(above(edges), 2)
  }

  #drawLine(shape: TraceShape & { kind: 'line' }, colour: string, size: Size): void {
    const { gl } = this
    const { lines } = this.#programs
    lines.use()
    gl.uniform2f(lines.at('size'), size.width, size.height)
    this.#setColour(lines.at('colour'), colour)
    gl.uniform1f(lines.at('radius'), (traceThickness * size.ratio) / 2)
    this.#drawInstances(segments(shape.points, 2), 4)
    if (!shape.marked) return
    gl.uniform1f(lines.at('radius'), pointRadius * size.ratio)
    this.#drawInstances(segments(shape.points, 0), 4)
  }

  #setColour(at: WebGLUniformLocation | null, colour: string): void {
    const [red, green, blue] = rgbOf(colour)
    this.gl.uniform3f(at, red / 255, green / 255, blue / 255)
  }

  #drawInstances(values: Float32Array, perInstance: 2 | 4): void {
    const { gl } = this
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#shapes)
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STREAM_DRAW)
    gl.enableVertexAttribArray(0)
    gl.vertexAttribPointer(0, perInstance, gl.FLOAT, false, 0, 0)
    gl.vertexAttribDivisor(0, 1)
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, values.length / perInstance)
    gl.disableVertexAttribArray(0)
  }

  #drawGlowing(scene: WaveScene, ink: Ink, size: Size): void {
    const { gl } = this
    const kept = this.#afterglow.keeps(scene, size, performance.now())
    this.#glow ??= [new GlLayer(gl), new GlLayer(gl)]
    const [before, next] = this.#glow
    next.begin(size)
    if (kept > 0) this.#copy(before, { kept, taken: 1 / 255 })
    this.#drawTraces(scene, ink, size)
    next.end()
    this.#copy(next, { kept: 1, taken: 0 })
    this.#glow = [next, before]
  }

  #copy(layer: GlLayer, { kept, taken }: { kept: number; taken: number }): void {
    const { gl } = this
    const { fade } = this.#programs
    fade.use()
    layer.bind(0)
    gl.uniform1i(fade.at('picture'), 0)
    gl.uniform1f(fade.at('kept'), kept)
    gl.uniform1f(fade.at('taken'), taken)
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4)
  }

  #drawLevels({ levels, width, rows }: SpectrogramScene, ink: Ink): void {
    if (width === 0) return
    const { gl } = this
    const program = this.#programs.levels
    program.use()
    const colours = Uint8Array.from(levelColours(ink.ground).flatMap((rgb) => [...rgb, 255]))
    this.#setTexture(0, this.#levels)
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, width, rows, 0, gl.RED, gl.UNSIGNED_BYTE, levels)
    this.#setTexture(1, this.#colours)
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, colours)
    gl.uniform1i(program.at('picture'), 0)
    gl.uniform1i(program.at('colours'), 1)
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4)
  }

  #setTexture(unit: number, texture: WebGLTexture): void {
    const { gl } = this
    gl.activeTexture(gl.TEXTURE0 + unit)
    gl.bindTexture(gl.TEXTURE_2D, texture)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE)
  }
}

/** A shader cannot be trusted with NaN; what is not there goes where nobody sees it. */
const above = (edges: Float32Array): Float32Array =>
  edges.map((edge) => (Number.isNaN(edge) ? -1000 : edge))

/** From each point to the next; with `step` 0 to itself. NaN ends a line. */
function segments(points: Float32Array, step: 0 | 2): Float32Array {
  const ends: number[] = []
  for (let i = 0; i + step < points.length; i += 2) {
    const [x, y] = [points[i] as number, points[i + 1] as number]
    const [nextX, nextY] = [points[i + step] as number, points[i + step + 1] as number]
    if (Number.isFinite(y) && Number.isFinite(nextY)) ends.push(x, y, nextX, nextY)
  }
  return Float32Array.from(ends)
}
