// Who draws scenes on a canvas.

import type { Ink, Scene, Size } from './scene.ts'

export interface Plotter {
  /** Settled when it is drawn, or never will be. The scene's arrays stay the caller's. */
  draw(scene: Scene, ink: Ink, size: Size): void | Promise<void>
  close(): void
}
