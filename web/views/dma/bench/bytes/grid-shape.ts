// Where each byte of the hex grid stands, in characters: pure, for painting and for pointing alike. A row is an address, the
// groups of digits, and the text.

import type { GroupSize } from './hex-rows.ts'

export interface GridShape {
  groupSize: GroupSize
  littleEndian: boolean
  bytesPerRow: number
  /** Characters of an address. */
  digits: number
}

/** The half of the grid that the cursor is in. */
export type Side = 'digits' | 'text'

export interface Place {
  /** Of the byte in its row. */
  index: number
  side: Side
}

const gap = 2
/** Bytes after which a wider gap helps the eye. */
const bytesPerHalf = 8

export const digitsColumn = ({ digits }: GridShape): number => digits + gap

/** Of the first of a byte's two digits. The last group of a lock may be short: `byteLength` is the row's. */
export function byteColumn(shape: GridShape, index: number, byteLength: number): number {
  const { groupSize, littleEndian } = shape
  const first = index - (index % groupSize)
  const long = Math.min(groupSize, byteLength - first)
  const within = littleEndian ? long - 1 - (index - first) : index - first
  return digitsColumn(shape) + groupColumn(shape, first) + 2 * within
}

function groupColumn({ groupSize }: GridShape, first: number): number {
  return (first / groupSize) * (2 * groupSize + 1) + Math.floor(first / bytesPerHalf)
}

export const textColumn = (shape: GridShape): number =>
  digitsColumn(shape) + groupColumn(shape, shape.bytesPerRow) + 1

export const rowColumns = (shape: GridShape): number => textColumn(shape) + shape.bytesPerRow

/** The byte at a column, or the nearest one; null over the address. */
export function placeAt(shape: GridShape, column: number): Place | null {
  if (column < digitsColumn(shape) - 1) return null
  const text = textColumn(shape)
  const last = shape.bytesPerRow - 1
  if (column >= text) return { side: 'text', index: Math.min(last, Math.floor(column - text)) }
  for (let index = 0; index <= last; index++) {
    const first = index - (index % shape.groupSize)
    const at = digitsColumn(shape) + groupColumn(shape, first)
    if (column >= at + 2 * shape.groupSize + 0.5) continue
    return { side: 'digits', index: first + withinGroup(shape, column - at) }
  }
  return { side: 'digits', index: last }
}

function withinGroup({ groupSize, littleEndian }: GridShape, columns: number): number {
  const shown = Math.min(groupSize - 1, Math.max(0, Math.floor(columns / 2)))
  return littleEndian ? groupSize - 1 - shown : shown
}

/** Bytes beside each other that fit: an address, the groups, and the text, in characters. */
export function bytesPerRow(
  widthInCharacters: number,
  shape: Omit<GridShape, 'bytesPerRow'>,
): number {
  const fits = (bytes: number) => rowColumns({ ...shape, bytesPerRow: bytes }) <= widthInCharacters
  return [32, 16, 8].find(fits) ?? 8
}
