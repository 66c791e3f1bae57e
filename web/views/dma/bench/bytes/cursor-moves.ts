// Where keys take the cursor of the hex grid, and what is selected. Pure.

import type { Side } from './grid-shape.ts'
import type { GroupSize } from './hex-rows.ts'

export interface Ground {
  /** Of the first row shown: rows and groups are counted from it. */
  offset: number
  end: number
  rows: number
  bytesPerRow: number
  groupSize: GroupSize
  side: Side
}

export interface Span {
  offset: number
  byteLength: number
}

/** A step of the cursor: a group of digits, or a byte of the text. */
export const stepOf = ({ side, groupSize }: Ground): number => (side === 'text' ? 1 : groupSize)

/** The start of the step that holds a byte. */
export function stepStart(at: number, ground: Ground): number {
  return at - modulo(at - ground.offset, stepOf(ground))
}

/** Null for a key that does not move the cursor. */
export function moved(key: string, ctrl: boolean, at: number, ground: Ground): number | null {
  const { bytesPerRow, rows, end, offset } = ground
  const rowStart = at - modulo(at - offset, bytesPerRow)
  const last = end - 1
  const targets: Record<string, number> = {
    ArrowLeft: at - stepOf(ground),
    ArrowRight: at + stepOf(ground),
    ArrowUp: at - bytesPerRow,
    ArrowDown: at + bytesPerRow,
    PageUp: at - rows * bytesPerRow,
    PageDown: at + rows * bytesPerRow,
    Home: ctrl ? 0 : rowStart,
    End: ctrl ? last : rowStart + bytesPerRow - 1,
  }
  const target = targets[key]
  if (target === undefined) return null
  return Math.max(0, stepStart(Math.min(last, Math.max(0, target)), ground))
}

/** From the cursor's step to the anchor's, both included. */
export function selectionOf(cursor: number, anchor: number, ground: Ground): Span {
  const [low, high] = cursor < anchor ? [cursor, anchor] : [anchor, cursor]
  const offset = Math.max(0, stepStart(low, ground))
  const end = Math.min(ground.end, stepStart(high, ground) + stepOf(ground))
  return { offset, byteLength: end - offset }
}

const modulo = (value: number, by: number) => ((value % by) + by) % by
