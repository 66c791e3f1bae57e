// How much of the pictures before is still to be seen below the next one.

import type { Size, WaveScene } from './scene.ts'

/** After this long a third of a picture is left. */
const fadeMs = 400

export class Afterglow {
  #name = ''
  #drawnAt = 0

  /** The share of them that is left, and 0 where this picture cannot be laid over them. */
  keeps({ afterglow, scale }: WaveScene, { width, height }: Size, now: number): number {
    const name = JSON.stringify([afterglow, scale, width, height])
    const share = name === this.#name ? Math.exp((this.#drawnAt - now) / fadeMs) : 0
    this.#name = name
    this.#drawnAt = now
    return share
  }
}
