// How the 4 KiB pieces of a lock become cells of a picture: as large as fit, and several pieces in one where they are too many. Pure.

import { oldestPage, pageByteLength } from '../../../../../server/contract/frame.ts'

export interface Grid {
  pagesPerCell: number
  cells: number
  columns: number
  rows: number
  /** Pixels from one cell to the next, of which the last is a gap. */
  pitch: number
}

export interface PageWindow {
  offset: number
  byteLength: number
}

const columnChoices = [16, 24, 32, 48, 64, 96, 128]
const pitches = { least: 3, most: 14 }
const narrowest = 64

/** The largest cells that fit; `height` is at least that of one row. */
export function gridFor(pages: number, room: { width: number; height: number }): Grid {
  const width = Math.max(narrowest, room.width)
  for (let pagesPerCell = 1; ; pagesPerCell *= 2) {
    const cells = Math.ceil(pages / pagesPerCell)
    for (const columns of columnChoices) {
      const pitch = Math.min(pitches.most, Math.floor(width / columns))
      if (pitch < pitches.least) break
      const rows = Math.ceil(cells / columns)
      if (rows * pitch <= room.height) return { pagesPerCell, cells, columns, rows, pitch }
    }
  }
}

/** What is looked at of a lock: all of it, or where it is too long the part around what is shown, in steps of half a view. */
export function windowAround(
  shownOffset: number,
  { byteLength, most }: { byteLength: number; most: number },
): PageWindow {
  if (byteLength <= most) return { offset: 0, byteLength }
  const step = most / 2
  const last = Math.ceil((byteLength - most) / pageByteLength) * pageByteLength
  const offset = Math.min(Math.floor(shownOffset / step) * step, last)
  return { offset, byteLength: Math.min(most, byteLength - offset) }
}

export const pagesOf = ({ byteLength }: PageWindow) => Math.ceil(byteLength / pageByteLength)

export function offsetOfCell(cell: number, window: PageWindow, grid: Grid): number {
  return window.offset + cell * grid.pagesPerCell * pageByteLength
}

/** Null outside the window. */
export function cellOf(offset: number, window: PageWindow, grid: Grid): number | null {
  const within = offset - window.offset
  if (within < 0 || within >= window.byteLength) return null
  return Math.floor(within / pageByteLength / grid.pagesPerCell)
}

/** The first and the last cell of which anything lies in the range; null where nothing does. */
export function cellsOf(
  range: PageWindow,
  window: PageWindow,
  grid: Grid,
): { first: number; last: number } | null {
  const end = window.offset + window.byteLength
  const from = Math.max(range.offset, window.offset)
  const to = Math.min(range.offset + range.byteLength, end) - 1
  const [first, last] = [cellOf(from, window, grid), cellOf(to, window, grid)]
  return first === null || last === null || to < from ? null : { first, last }
}

export function cellAt({ x, y }: { x: number; y: number }, grid: Grid): number | null {
  const [column, row] = [Math.floor(x / grid.pitch), Math.floor(y / grid.pitch)]
  const cell = row * grid.columns + column
  return column < 0 || column >= grid.columns || row < 0 || cell >= grid.cells ? null : cell
}

/** Of each cell the looks since the newest change in it. */
export function cellAges(ages: Uint8Array, { cells, pagesPerCell }: Grid): Uint8Array {
  if (pagesPerCell === 1) return ages.subarray(0, cells)
  const newest = new Uint8Array(cells).fill(oldestPage)
  ages.forEach((age, page) => {
    const cell = Math.floor(page / pagesPerCell)
    if (age < (newest[cell] ?? 0)) newest[cell] = age
  })
  return newest
}

/** Where a key leads; null for a key that leads nowhere. */
export function cellAfter(key: string, cell: number, { cells, columns }: Grid): number | null {
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    PageUp: -8 * columns,
    PageDown: 8 * columns,
    Home: -cells,
    End: cells,
  }
  const step = steps[key]
  return step === undefined ? null : Math.min(cells - 1, Math.max(0, cell + step))
}
