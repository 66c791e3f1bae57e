// Paints the rows of the hex grid on a canvas. Each row's text is written once for each ink, with spaces between, which is what makes it quick.

import type { Span } from './cursor-moves.ts'
import type { GridInk } from './grid-ink.ts'
import { byteColumn, type GridShape, type Side, textColumn } from './grid-shape.ts'
import { type ByteAt, characterOf, digitsOf } from './hex-rows.ts'

export const rowHeight = 20
export const topPadding = 8

export interface GridPicture {
  shape: GridShape
  /** Of the first row. */
  offset: number
  end: number
  rows: number
  /** Pixels of the first row that are scrolled away. */
  lead: number
  address: (offset: number) => string
  byteAt: ByteAt
  /** How fresh a change is, 0 to `heatSteps`. */
  heatAt: (at: number) => number
  cursor: { span: Span; side: Side; digit: number | null }
  selection: Span
  isEdited: (at: number) => boolean
  /** Of a search: found here, and whether it is the one gone to. */
  matchAt: (at: number) => 'match' | 'current' | null
  /** It is not what the snapshot has. */
  isDifferent: (at: number) => boolean
  isBookmarked: (offset: number, byteLength: number) => boolean
}

export interface GridSurface {
  context: CanvasRenderingContext2D
  /** CSS pixels; the context is scaled. */
  width: number
  height: number
  left: number
  characterWidth: number
}

interface Row {
  offset: number
  byteLength: number
  y: number
  columns: RowColumns
}

/** Where the bytes of a row stand, and their order from left to right: the same for all rows but a short last one. */
interface RowColumns {
  digits: number[]
  text: number
  order: number[]
}

function columnsOf(shape: GridShape, byteLength: number): RowColumns {
  const digits = Array.from({ length: byteLength }, (_, i) => byteColumn(shape, i, byteLength))
  const column = (i: number) => digits[i] as number
  const order = digits.map((_, i) => i).sort((a, b) => column(a) - column(b))
  return { digits, text: textColumn(shape), order }
}

const inside = (at: number, { offset, byteLength }: Span) =>
  at >= offset && at < offset + byteLength

export function paintGridRows(surface: GridSurface, ink: GridInk, picture: GridPicture): void {
  const { context, width, height } = surface
  context.clearRect(0, 0, width, height)
  context.textBaseline = 'middle'
  const { shape, lead, end } = picture
  const whole = columnsOf(shape, shape.bytesPerRow)
  // Whole rows only, but for one that is partly scrolled away at either end.
  const rows = picture.rows + (lead > 0 ? 1 : 0)
  for (let i = 0; i < rows; i++) {
    const offset = picture.offset + i * shape.bytesPerRow
    if (offset >= end) break
    const byteLength = Math.min(shape.bytesPerRow, end - offset)
    const columns = byteLength === shape.bytesPerRow ? whole : columnsOf(shape, byteLength)
    const row = { offset, byteLength, columns, y: topPadding + i * rowHeight - lead }
    paintGrounds(surface, ink, picture, row)
    paintText(surface, ink, picture, row)
    paintMarks(surface, ink, picture, row)
  }
}

/** Calls back for both places of each byte: its digits and its character. */
function eachCell(
  { offset, byteLength, columns }: Row,
  see: (at: number, column: number, columns: number, side: Side) => void,
): void {
  for (let i = 0; i < byteLength; i++) {
    see(offset + i, columns.digits[i] as number, 2, 'digits')
    see(offset + i, columns.text + i, 1, 'text')
  }
}

function paintGrounds(surface: GridSurface, ink: GridInk, picture: GridPicture, row: Row): void {
  const { context, left, characterWidth: width } = surface
  const { cursor, selection } = picture
  const many = selection.byteLength > cursor.span.byteLength
  eachCell(row, (at, column, columns, side) => {
    const isCursor = inside(at, cursor.span)
    const ground = isCursor
      ? side === cursor.side
        ? ink.accent
        : ink.selected
      : many && inside(at, selection)
        ? ink.selected
        : picture.matchAt(at) === 'current'
          ? ink.found
          : picture.isEdited(at)
            ? ink.editedGround
            : null
    if (!ground) return
    context.fillStyle = ground
    context.fillRect(left + column * width, row.y + 1, columns * width, rowHeight - 2)
  })
}

function paintText(surface: GridSurface, ink: GridInk, picture: GridPicture, row: Row): void {
  const { cursor } = picture
  const { digits, text, order } = row.columns
  const lines = new Map<string, string>()
  const write = (colour: string, column: number, text: string) => {
    lines.set(colour, (lines.get(colour) ?? '').padEnd(column) + text)
  }
  write(ink.faint, 0, picture.address(row.offset))
  // From left to right, as a line only grows at its end.
  for (const i of order) {
    const at = row.offset + i
    const isCursor = cursor.side === 'digits' && inside(at, cursor.span)
    const colour = isCursor ? ink.accentInk : digitInk(ink, picture, row, at)
    write(colour, digits[i] as number, digitsOf(picture.byteAt(at)))
  }
  for (let i = 0; i < row.byteLength; i++) {
    const at = row.offset + i
    const isCursor = cursor.side === 'text' && inside(at, cursor.span)
    const colour = isCursor ? ink.accentInk : picture.isEdited(at) ? ink.edited : ink.quiet
    write(colour, text + i, characterOf(picture.byteAt(at)))
  }
  for (const [colour, line] of lines) {
    surface.context.fillStyle = colour
    surface.context.fillText(line, surface.left, row.y + rowHeight / 2 + 1)
  }
}

function digitInk(ink: GridInk, picture: GridPicture, row: Row, at: number): string {
  if (picture.isEdited(at)) return ink.edited
  const heat = picture.heatAt(at)
  if (heat > 0) return ink.heat[heat] as string
  return isZeroGroup(picture, row, at) ? ink.faint : ink.digits
}

/** Groups of zeros step back, so that the eye finds what is not zero. */
function isZeroGroup({ shape, byteAt }: GridPicture, row: Row, at: number): boolean {
  const first = at - ((at - row.offset) % shape.groupSize)
  const end = Math.min(first + shape.groupSize, row.offset + row.byteLength)
  for (let i = first; i < end; i++) if (byteAt(i)) return false
  return true
}

/** What is told by shape as well as by colour: changed is a line below, edited a thick one, different dots above, found a frame. */
function paintMarks(surface: GridSurface, ink: GridInk, picture: GridPicture, row: Row): void {
  const { context, left, characterWidth: width } = surface
  const { littleEndian, groupSize } = picture.shape
  eachCell(row, (at, column, columns, side) => {
    const x = left + column * width
    const long = columns * width
    const bar = (colour: string, y: number, thick: number) => {
      context.fillStyle = colour
      context.fillRect(x, row.y + y, long, thick)
    }
    if (picture.isEdited(at)) bar(ink.edited, rowHeight - 3, 2)
    else if (side === 'digits') {
      const heat = picture.heatAt(at)
      if (heat > 0) bar(ink.heat[heat] as string, rowHeight - 3, 1)
    }
    if (picture.isDifferent(at)) {
      context.fillStyle = ink.different
      for (let dot = x + 1; dot < x + long - 1; dot += 4) context.fillRect(dot, row.y + 1, 2, 2)
    }
    if (picture.matchAt(at)) {
      bar(ink.match, 1, 1)
      bar(ink.match, rowHeight - 2, 1)
      // Digits of a little-endian group begin with its last byte.
      const begins = side === 'text' || !littleEndian || groupSize === 1
      if (begins && picture.matchAt(at - 1) === null)
        context.fillRect(x, row.y + 1, 1, rowHeight - 2)
    }
  })
  if (picture.isBookmarked(row.offset, row.byteLength)) paintFlag(surface, ink, row)
  paintCaret(surface, ink, picture, row)
}

/** In the margin before the address. */
function paintFlag({ context, left }: GridSurface, ink: GridInk, { y }: Row): void {
  context.fillStyle = ink.accent
  context.beginPath()
  context.moveTo(left - 10, y + 5)
  context.lineTo(left - 3, y + rowHeight / 2)
  context.lineTo(left - 10, y + rowHeight - 5)
  context.fill()
}

/** Under the digit that is typed next. */
function paintCaret(surface: GridSurface, ink: GridInk, picture: GridPicture, row: Row): void {
  const { span, side, digit } = picture.cursor
  if (digit === null || side !== 'digits' || !inside(span.offset, row)) return
  const { littleEndian } = picture.shape
  const byte = Math.floor(digit / 2)
  const index = span.offset - row.offset + (littleEndian ? span.byteLength - 1 - byte : byte)
  const column = (row.columns.digits[index] ?? 0) + (digit % 2)
  const { context, left, characterWidth } = surface
  context.fillStyle = ink.accentInk
  context.fillRect(left + column * characterWidth, row.y + rowHeight - 5, characterWidth, 2)
}

/** Where the pointer is: a row of the picture, and a column in characters. */
export function cellAt(
  { x, y }: { x: number; y: number },
  { left, characterWidth }: Pick<GridSurface, 'left' | 'characterWidth'>,
  lead: number,
): { row: number; column: number } {
  return {
    row: Math.floor((y - topPadding + lead) / rowHeight),
    column: (x - left) / characterWidth,
  }
}
