// Has scenes drawn by a worker, on a canvas that is handed over to it for good.

import { Kept } from '../../../../../state/kept.svelte.ts'
import type { Plotter } from './plotter.ts'
import type { Ink, Scene, Size } from './scene.ts'

export type ToWorker =
  | { canvas: OffscreenCanvas; evenSlowly: boolean }
  | { number: number; scene: Scene; ink: Ink; size: Size }
export type FromWorker = { drawn: number } | { failed: true }

/** For who knows their machine better: `always` also where the browser calls WebGL slow. */
const webgl = new Kept<'auto' | 'always'>('pinlab.webgl', 'auto')

export const mayUseWorker = (): boolean =>
  typeof OffscreenCanvas !== 'undefined' &&
  'transferControlToOffscreen' in HTMLCanvasElement.prototype

export class WorkerPlotter implements Plotter {
  readonly #worker: Worker
  /** By the number of the scene. Never many: a view has at most two frames on their way. */
  readonly #waiting = new Map<number, () => void>()
  #number = 0

  /** `onfail`: nothing will be drawn on this canvas any more. */
  constructor(canvas: HTMLCanvasElement, onfail: () => void) {
    this.#worker = new Worker(new URL('./plot-worker.ts', import.meta.url), { type: 'module' })
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if ('drawn' in data) this.#settle(data.drawn)
      else onfail()
    }
    this.#worker.onerror = onfail
    const offscreen = canvas.transferControlToOffscreen()
    this.#send({ canvas: offscreen, evenSlowly: webgl.value === 'always' }, [offscreen])
  }

  draw(scene: Scene, ink: Ink, size: Size): Promise<void> {
    const number = ++this.#number
    const { copy, buffers } = copyOf(scene)
    this.#send({ number, scene: copy, ink, size }, buffers)
    return new Promise((resolve) => this.#waiting.set(number, resolve))
  }

  close(): void {
    this.#worker.terminate()
    for (const number of this.#waiting.keys()) this.#settle(number)
  }

  #settle(number: number): void {
    this.#waiting.get(number)?.()
    this.#waiting.delete(number)
  }

  #send(message: ToWorker, transfer: Transferable[]): void {
    this.#worker.postMessage(message, transfer)
  }
}

/** Copied once and handed over: the page goes on measuring what it shows. */
function copyOf(scene: Scene): { copy: Scene; buffers: ArrayBuffer[] } {
  if (scene.kind === 'empty') return { copy: scene, buffers: [] }
  if (scene.kind === 'spectrogram') {
    const levels = scene.levels.slice()
    return { copy: { ...scene, levels }, buffers: [levels.buffer] }
  }
  const channels = scene.channels.map((channel) => channel.slice())
  return { copy: { ...scene, channels }, buffers: channels.map(({ buffer }) => buffer) }
}
