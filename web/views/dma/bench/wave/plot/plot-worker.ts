// The worker in which scenes are drawn, so that the page stays free for people. What passes between both is in worker-plotter.ts.

import { GlPlotter } from './gl-plotter.ts'
import type { FromWorker, ToWorker } from './worker-plotter.ts'

const say = (message: FromWorker) => postMessage(message)

let plotter: GlPlotter | null = null

function begin(canvas: OffscreenCanvas): GlPlotter | null {
  const gl = canvas.getContext('webgl2', { antialias: false, premultipliedAlpha: true })
  if (!gl) return null
  // It is not waited for to come back: the page draws by itself from now on.
  canvas.addEventListener('webglcontextlost', () => say({ failed: true }))
  return new GlPlotter(canvas, gl)
}

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  try {
    if ('canvas' in data) {
      plotter = begin(data.canvas)
      if (!plotter) say({ failed: true })
    } else {
      plotter?.draw(data.scene, data.ink, data.size)
      say({ drawn: data.number })
    }
  } catch {
    say({ failed: true })
  }
})
