// The calendar by keyboard: a cursor of some slots on one board's row. Pure; instants are ms since the epoch.

import { hourMs, minuteMs, type Span } from '../../../shared/span.ts'
import { slotMs } from './drag.ts'

export interface Cursor extends Span {
  row: number
}

export interface Keyboard {
  rows: number
  span: Span
  /** What one arrow is worth: a slot, or more where a slot cannot be seen. */
  stepMs: number
}

interface Press {
  key: string
  shiftKey: boolean
  ctrlKey: boolean
}

/** Where the cursor is after a key; null where the key means nothing to it. */
export function moveCursor(cursor: Cursor, press: Press, keyboard: Keyboard): Cursor | null {
  const { key, shiftKey, ctrlKey } = press
  const step = ctrlKey ? hourMs : keyboard.stepMs
  if (key === 'ArrowDown' || key === 'ArrowUp') {
    const row = cursor.row + (key === 'ArrowDown' ? 1 : -1)
    return { ...cursor, row: clamp(row, 0, keyboard.rows - 1) }
  }
  if (key === 'ArrowRight')
    return shiftKey ? reach(cursor, step, keyboard) : go(cursor, step, keyboard)
  if (key === 'ArrowLeft') {
    return shiftKey ? reach(cursor, -step, keyboard) : go(cursor, -step, keyboard)
  }
  if (key === 'Home') return go(cursor, keyboard.span.start - cursor.start, keyboard)
  if (key === 'End') return go(cursor, keyboard.span.end - cursor.start, keyboard)
  if (key === 'Escape' && length(cursor) > slotMs) return { ...cursor, end: cursor.start + slotMs }
  return null
}

const length = ({ start, end }: Span) => end - start

/** Moves; what was selected collapses to one slot. */
function go(cursor: Cursor, by: number, { span }: Keyboard): Cursor {
  const start = clamp(cursor.start + by, span.start, span.end - slotMs)
  return { ...cursor, start, end: start + slotMs }
}

/** Longer or shorter; the start stays. */
function reach(cursor: Cursor, by: number, { span }: Keyboard): Cursor {
  // From one slot the first step ends on the step's own grid: 30 minutes, not 35.
  const from = length(cursor) === slotMs && by > slotMs ? cursor.start : cursor.end
  return { ...cursor, end: clamp(from + by, cursor.start + slotMs, span.end) }
}

const clamp = (value: number, least: number, most: number) => Math.min(Math.max(value, least), most)

/** The usual length from there on, or what is free of it before the next booking. */
export function usualSpan(start: number, minutes: number, busy: readonly Span[]): Span {
  const next = busy.map((one) => one.start).filter((at) => at > start)
  return { start, end: Math.min(start + minutes * minuteMs, ...next) }
}
