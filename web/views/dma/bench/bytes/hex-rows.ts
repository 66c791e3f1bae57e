// The rows of the hex view: pure, from the newest frame to text.

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

export interface HexFrame {
  offset: number
  bytes: Uint8Array
  /** One for each byte, 1 where it differs from the frame before; null if that cannot be told. */
  changed: Uint8Array | null
}

export interface HexGroup {
  text: string
  changed: boolean
  zero: boolean
}

export interface HexRow {
  offset: number
  groups: HexGroup[]
  ascii: string
}

const hex = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).toUpperCase().padStart(2, '0'),
)

export function hexRows(window: HexWindow, shape: HexShape, frame: HexFrame | null): HexRow[] {
  const rows: HexRow[] = []
  for (let row = 0; row < window.rows; row++) {
    const offset = window.offset + row * window.bytesPerRow
    if (offset >= window.end) break
    const byteLength = Math.min(window.bytesPerRow, window.end - offset)
    rows.push(hexRow({ offset, byteLength }, shape, frame))
  }
  return rows
}

function hexRow(
  range: { offset: number; byteLength: number },
  shape: HexShape,
  frame: HexFrame | null,
): HexRow {
  const groups: HexGroup[] = []
  for (let at = 0; at < range.byteLength; at += shape.groupSize) {
    const byteLength = Math.min(shape.groupSize, range.byteLength - at)
    groups.push(hexGroup({ offset: range.offset + at, byteLength }, shape, frame))
  }
  return { offset: range.offset, groups, ascii: asciiOf(range, frame) }
}

function hexGroup(
  range: { offset: number; byteLength: number },
  { littleEndian }: HexShape,
  frame: HexFrame | null,
): HexGroup {
  let text = ''
  let changed = false
  let zero = true
  for (let i = 0; i < range.byteLength; i++) {
    const at = range.offset + i - (frame?.offset ?? 0)
    const byte = frame?.bytes[at]
    const digits = byte === undefined ? '··' : (hex[byte] as string)
    text = littleEndian ? digits + text : text + digits
    if (byte !== 0) zero = false
    if (frame?.changed?.[at]) changed = true
  }
  return { text, changed, zero }
}

function asciiOf(range: { offset: number; byteLength: number }, frame: HexFrame | null): string {
  let text = ''
  for (let i = 0; i < range.byteLength; i++) {
    const byte = frame?.bytes[range.offset + i - frame.offset]
    text += byte !== undefined && byte > 32 && byte < 127 ? String.fromCharCode(byte) : '·'
  }
  return text
}

/** Which bytes differ from the frame before. Null where both show different memory: then nothing can be said. */
export function changedBytes(
  before: { offset: number; bytes: Uint8Array } | null,
  now: { offset: number; bytes: Uint8Array },
): Uint8Array | null {
  if (before?.offset !== now.offset || before.bytes.length !== now.bytes.length) return null
  return now.bytes.map((byte, i) => (byte === before.bytes[i] ? 0 : 1))
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

/** Bytes beside each other that fit: an address, the groups, and the text, in characters. */
export function bytesPerRow(widthInCharacters: number, groupSize: GroupSize): number {
  const fits = (bytes: number) =>
    12 + bytes * 2 + bytes / groupSize + bytes / 8 + 2 + bytes <= widthInCharacters
  return [32, 16, 8].find(fits) ?? 8
}

/** Digits of an offset in a lock of this length. */
export const offsetDigits = (byteLength: number): number =>
  Math.max(5, (byteLength - 1).toString(16).length)
