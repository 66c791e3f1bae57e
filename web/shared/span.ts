// A stretch of time, and where in it something lies. Pure; times are ms since the epoch, so that days of 23 and 25 hours are as long
// as they are.

export interface Span {
  start: number
  end: number
}

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs

export const spanOf = ({ start, end }: { start: string; end: string }): Span => ({
  start: Date.parse(start),
  end: Date.parse(end),
})

/** Half open: what ends when the other begins does not touch it. */
export const touches = (a: Span, b: Span): boolean => a.start < b.end && b.start < a.end

/** Where an instant is in the span: 0 at its start, 1 at its end. */
export const partOf = (span: Span, at: number): number =>
  (at - span.start) / (span.end - span.start)

/** A span in another as parts of its length; null if it lies outside. */
export function placeIn(whole: Span, part: Span): { left: number; width: number } | null {
  const from = Math.max(part.start, whole.start)
  const to = Math.min(part.end, whole.end)
  if (to <= from) return null
  const left = partOf(whole, from)
  return { left, width: partOf(whole, to) - left }
}

export const percent = (part: number): string => `${(part * 100).toFixed(3)}%`
