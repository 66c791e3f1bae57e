// The figures beside the lines of a plot's grid. They lie over it on a canvas of their own, since they seldom change.

import type { Ink, Size } from './scene.ts'

export interface Label {
  /** A share of the extent: from the top of `across`, from the left of `down`. */
  at: number
  text: string
}

export interface Labels {
  across: Label[]
  down: Label[]
}

export const noLabels: Labels = { across: [], down: [] }

/** Every second figure has to do where they would run into each other. */
const roomyWidth = 600

export function paintLabels(
  context: CanvasRenderingContext2D,
  { across, down }: Labels,
  ink: Ink,
  size: Size,
): void {
  const { width, height, ratio } = size
  context.clearRect(0, 0, width, height)
  const every = width / ratio < roomyWidth ? 2 : 1
  const bottom = height - (down.length > 0 ? 16 * ratio : 0)
  for (const { at, text } of across) {
    const y = at * height
    if (y > 14 * ratio && y < bottom) paintText(context, ink, ratio, text, 4 * ratio, y - ratio)
  }
  down.forEach(({ at, text }, i) => {
    if ((i + 1) % every !== 0) return
    paintText(context, ink, ratio, text, at * width + 4 * ratio, height - ratio)
  })
}

/** A veil behind it, so that it can be read over a trace. */
function paintText(
  context: CanvasRenderingContext2D,
  ink: Ink,
  ratio: number,
  text: string,
  x: number,
  y: number,
): void {
  context.font = ink.font.replace(/\d+/, (size) => String(Number(size) * ratio))
  context.textBaseline = 'bottom'
  const { width } = context.measureText(text)
  context.globalAlpha = 0.75
  context.fillStyle = ink.ground
  context.fillRect(x - 4 * ratio, y - 13 * ratio, width + 8 * ratio, 14 * ratio)
  context.globalAlpha = 1
  context.fillStyle = ink.text
  context.fillText(text, x, y)
}
