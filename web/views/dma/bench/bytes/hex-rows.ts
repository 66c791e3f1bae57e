// The rows of the hex grid as text: pure, for who hears the grid instead of seeing it.

export const groupSizes = [1, 2, 4, 8] as const
export type GroupSize = (typeof groupSizes)[number]

export interface HexWindow {
  /** Offset of the first row in the lock. */
  offset: number
  /** Where the lock ends. */
  end: number
  rows: number
  bytesPerRow: number
}

export interface HexShape {
  groupSize: GroupSize
  littleEndian: boolean
}

/** Undefined where the byte has not come yet. */
export type ByteAt = (at: number) => number | undefined

export interface HexGroup {
  offset: number
  byteLength: number
  text: string
}

export interface HexRow {
  offset: number
  groups: HexGroup[]
  ascii: string
}

const hex = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).toUpperCase().padStart(2, '0'),
)

export const digitsOf = (byte: number | undefined): string =>
  byte === undefined ? '··' : (hex[byte] as string)

export const characterOf = (byte: number | undefined): string =>
  byte !== undefined && byte > 32 && byte < 127 ? String.fromCharCode(byte) : '·'

export function hexRows(window: HexWindow, shape: HexShape, byteAt: ByteAt): HexRow[] {
  const rows: HexRow[] = []
  for (let row = 0; row < window.rows; row++) {
    const offset = window.offset + row * window.bytesPerRow
    if (offset >= window.end) break
    const byteLength = Math.min(window.bytesPerRow, window.end - offset)
    rows.push(hexRow({ offset, byteLength }, shape, byteAt))
  }
  return rows
}

function hexRow(
  { offset, byteLength }: { offset: number; byteLength: number },
  { groupSize, littleEndian }: HexShape,
  byteAt: ByteAt,
): HexRow {
  const bytes = Array.from({ length: byteLength }, (_, i) => byteAt(offset + i))
  const groups: HexGroup[] = []
  for (let i = 0; i < byteLength; i += groupSize) {
    const digits = bytes.slice(i, i + groupSize).map(digitsOf)
    if (littleEndian) digits.reverse()
    groups.push({ offset: offset + i, byteLength: digits.length, text: digits.join('') })
  }
  return { offset, groups, ascii: bytes.map(characterOf).join('') }
}

/** Moves a window so that it starts on a row and stays within the lock. */
export function clampOffset(
  offset: number,
  window: Pick<HexWindow, 'end' | 'rows' | 'bytesPerRow'>,
): number {
  const { end, rows, bytesPerRow } = window
  const last = Math.max(0, Math.ceil(end / bytesPerRow) - rows) * bytesPerRow
  const onRow = Math.floor(offset / bytesPerRow) * bytesPerRow
  return Math.min(last, Math.max(0, onRow))
}

/** Digits of an offset in a lock of this length. */
export const offsetDigits = (byteLength: number): number =>
  Math.max(5, (byteLength - 1).toString(16).length)
