// The worker in which scenes are drawn, so that the page stays free for people. What passes between both is in worker-plotter.ts.

import { GlPlotter } from './gl-plotter.ts'
import type { FromWorker, ToWorker } from './worker-plotter.ts'

const say = (message: FromWorker) => postMessage(message)

let plotter: GlPlotter | null = null

/** A processor that plays the graphics card is slower at this than Canvas 2D, by which the page then draws. */
function begin(canvas: OffscreenCanvas, evenSlowly: boolean): GlPlotter | null {
  const gl = canvas.getContext('webgl2', { antialias: false, premultipliedAlpha: true })
  if (!gl || (isPlayed(gl) && !evenSlowly)) return null
  // It is not waited for to come back: the page draws by itself from now on.
  canvas.addEventListener('webglcontextlost', () => say({ failed: true }))
  return new GlPlotter(canvas, gl)
}

/** By what it is called: Chromium does not heed `failIfMajorPerformanceCaveat` in a worker. */
function isPlayed(gl: WebGL2RenderingContext): boolean {
  const names = gl.getExtension('WEBGL_debug_renderer_info')
  const name = gl.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER)
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(String(name))
}

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  try {
    if ('canvas' in data) {
      plotter = begin(data.canvas, data.evenSlowly)
      if (!plotter) say({ failed: true })
    } else {
      plotter?.draw(data.scene, data.ink, data.size)
      say({ drawn: data.number })
    }
  } catch {
    say({ failed: true })
  }
})
