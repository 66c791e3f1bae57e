// The payload of a wave frame: channel after channel, for each column first, min, max, last as f32. Never an average, so a spike
// of one sample stays visible whatever the width.

/** Each channel's columns; null if the payload does not divide into that many channels. */
export function channelsOf(payload: Uint8Array, channels: number): Float32Array[] | null {
  const perChannel = payload.byteLength / 4 / channels
  if (perChannel === 0 || !Number.isInteger(perChannel / 4)) return null
  // The frame's header is a multiple of four bytes long, so this is a view and not a copy.
  const all = new Float32Array(payload.buffer, payload.byteOffset, payload.byteLength / 4)
  return Array.from({ length: channels }, (_, i) =>
    all.subarray(i * perChannel, (i + 1) * perChannel),
  )
}

export interface Extent {
  min: number
  max: number
}

/** Exact, since columns keep their extremes. Columns without samples are not finite and do not count. */
export function extentOf(columns: Float32Array): Extent | null {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (let i = 0; i < columns.length; i += 4) {
    const low = columns[i + 1] as number
    const high = columns[i + 2] as number
    if (low < min) min = low
    if (high > max) max = high
  }
  return min <= max ? { min, max } : null
}

/**
 * What each of `width` pixels spans, low and high: the extremes of its columns, joined with where the pixel before ended so that
 * the trace has no holes. Pixels without samples span NaN, and a column that is marked in `gaps` is not joined with those before.
 * For at least half as many columns as pixels.
 */
export function pixelSpans(
  columns: Float32Array,
  width: number,
  gaps: Uint8Array | null = null,
): Float32Array {
  const count = columns.length / 4
  const spans = new Float32Array(width * 2).fill(Number.NaN)
  let before = Number.NaN
  for (let x = 0; x < width; x++) {
    const from = Math.floor((x * count) / width)
    const to = Math.max(from + 1, Math.floor(((x + 1) * count) / width))
    if (gaps?.subarray(from, to).includes(1)) before = Number.NaN
    let low = Number.isNaN(before) ? Number.POSITIVE_INFINITY : before
    let high = Number.isNaN(before) ? Number.NEGATIVE_INFINITY : before
    for (let i = from * 4; i < to * 4; i += 4) {
      const columnLow = columns[i + 1] as number
      const columnHigh = columns[i + 2] as number
      if (columnLow < low) low = columnLow
      if (columnHigh > high) high = columnHigh
    }
    before = columns[to * 4 - 1] as number
    if (low <= high) {
      spans[x * 2] = low
      spans[x * 2 + 1] = high
    }
  }
  return spans
}
