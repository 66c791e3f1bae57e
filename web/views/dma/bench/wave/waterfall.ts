// Spectra one below the other, the newest on top: what a spectrogram shows. Where some were skipped lies an empty row. Pure.

import type { SpectrogramScene } from './plot/scene.ts'
import { highestPerPixel, levelScale } from './plot/spectrum-levels.ts'

export const waterfallRows = 150
const mostWidth = 512
/** A colour for each decibel: louder than full scale is as full scale. */
const loudest = 0

export class Waterfall {
  readonly #rowsPerChannel: number
  readonly #width: number
  /** Of each channel, rows from the newest. */
  readonly #channels: Uint8Array[]

  /** `widthPx`: no more levels than pixels are kept. */
  constructor(channels: number, widthPx: number) {
    this.#width = Math.max(1, Math.min(mostWidth, Math.floor(widthPx)))
    this.#rowsPerChannel = Math.floor(waterfallRows / channels)
    const size = this.#rowsPerChannel * this.#width
    this.#channels = Array.from({ length: channels }, () => new Uint8Array(size))
  }

  add(channels: readonly Float32Array[], skipped: boolean): void {
    if (skipped) this.#push(() => new Uint8Array(this.#width))
    this.#push((channel) => this.#row(channels[channel]))
  }

  scene(): SpectrogramScene {
    const width = this.#width
    const levels = new Uint8Array(this.#channels.length * this.#rowsPerChannel * width)
    this.#channels.forEach((rows, i) => {
      levels.set(rows, i * rows.length)
      // Between two channels the last row is left empty.
      if (i > 0) levels.fill(0, i * rows.length - width, i * rows.length)
    })
    return { kind: 'spectrogram', levels, width, rows: levels.length / width }
  }

  #push(rowOf: (channel: number) => Uint8Array): void {
    this.#channels.forEach((rows, channel) => {
      rows.copyWithin(this.#width, 0)
      rows.set(rowOf(channel), 0)
    })
  }

  #row(levels: Float32Array | undefined): Uint8Array {
    if (!levels) return new Uint8Array(this.#width)
    const shown = highestPerPixel(levels, this.#width)
    const row = new Uint8Array(this.#width)
    let before = levelScale.min
    for (let i = 0; i < row.length; i++) {
      // Fewer levels than pixels: one fills the pixels up to the next.
      const level =
        (shown[i] as number) === Number.NEGATIVE_INFINITY ? before : (shown[i] as number)
      row[i] = levelByte(level)
      before = level
    }
    return row
  }
}

/** From 1 for the bottom of the scale to 255 for full scale. */
function levelByte(level: number): number {
  const share = (level - levelScale.min) / (loudest - levelScale.min)
  return 1 + Math.round(254 * Math.min(1, Math.max(0, share)))
}
