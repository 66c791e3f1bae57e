// The map of a lock's pages: cells, ages, addresses, faults.

import { describe, expect, it } from 'vitest'
import type { BoardFault } from '../../server/contract/board.ts'
import {
  ageWords,
  coarseAgeWords,
  pageWords,
  placeFaults,
  placePages,
  placeWords,
} from '../../web/views/dma/bench/pages/page-facts.ts'
import {
  cellAfter,
  cellAges,
  cellAt,
  cellOf,
  cellsOf,
  gridFor,
  offsetOfCell,
  windowAround,
} from '../../web/views/dma/bench/pages/page-grid.ts'
import { heatOf } from '../../web/views/dma/bench/pages/page-painter.ts'

const KiB = 1024
const MiB = 1024 * KiB
const room = { width: 228, height: 128 }

describe('the grid', () => {
  it.each([1, 16, 256, 4096, 16_384])(
    'has a cell for each of %d pieces, within its room',
    (pages) => {
      const grid = gridFor(pages, room)
      const { cells, columns, rows, pitch, pagesPerCell } = grid
      expect(cells).toBe(Math.ceil(pages / pagesPerCell))
      expect(rows * columns).toBeGreaterThanOrEqual(cells)
      expect(columns * pitch).toBeLessThanOrEqual(room.width)
      expect(rows * pitch).toBeLessThanOrEqual(room.height)
      expect(pagesPerCell > 1).toBe(pages > 2048)
    },
  )

  it('takes the newest change of the pieces in a cell', () => {
    const grid = { pagesPerCell: 2, cells: 3, columns: 3, rows: 1, pitch: 3 }
    expect([...cellAges(new Uint8Array([255, 3, 0, 9, 255]), grid)]).toEqual([3, 0, 255])
  })

  it('finds the cell of an offset, of a range and of a point, and goes back', () => {
    const grid = { pagesPerCell: 2, cells: 8, columns: 4, rows: 2, pitch: 10 }
    const window = { offset: 1 * MiB, byteLength: 64 * KiB }
    expect(cellOf(1 * MiB - 1, window, grid)).toBe(null)
    expect(cellOf(1 * MiB + 8 * KiB, window, grid)).toBe(1)
    expect(offsetOfCell(1, window, grid)).toBe(1 * MiB + 8 * KiB)
    expect(cellsOf({ offset: 1 * MiB + 8191, byteLength: 2 }, window, grid)).toEqual({
      first: 0,
      last: 1,
    })
    expect(cellsOf({ offset: 0, byteLength: 1 * MiB }, window, grid)).toBe(null)
    expect(cellAt({ x: 35, y: 12 }, grid)).toBe(7)
    expect(cellAt({ x: 41, y: 12 }, grid)).toBe(null)
    expect(cellAt({ x: 5, y: 25 }, grid)).toBe(null)
  })

  it('is walked by keys, and not left by them', () => {
    const grid = { pagesPerCell: 1, cells: 10, columns: 4, rows: 3, pitch: 10 }
    expect(cellAfter('ArrowDown', 1, grid)).toBe(5)
    expect(cellAfter('ArrowDown', 9, grid)).toBe(9)
    expect(cellAfter('ArrowLeft', 0, grid)).toBe(0)
    expect(cellAfter('End', 3, grid)).toBe(9)
    expect(cellAfter('x', 3, grid)).toBe(null)
  })

  it('shows of a lock that is too long the part around what is looked at, to its end', () => {
    const reach = { byteLength: 200 * MiB + 5, most: 64 * MiB }
    expect(windowAround(0, { byteLength: 3, most: 64 * MiB })).toEqual({ offset: 0, byteLength: 3 })
    expect(windowAround(40 * MiB, reach)).toEqual({ offset: 32 * MiB, byteLength: 64 * MiB })
    const last = windowAround(200 * MiB, reach)
    expect(last.offset % 4096).toBe(0)
    expect(last.offset + last.byteLength).toBe(reach.byteLength)
  })
})

describe('a page', () => {
  const pages = placePages([
    { address: '0x10000', byteLength: 8 * KiB },
    { address: '0x20000', byteLength: 4 * KiB },
  ])

  it('has its place on the board in words', () => {
    expect(placeWords(9 * KiB, pages)).toBe('0x02400 · device 0x00020400')
    expect(placeWords(12 * KiB, pages)).toBe('0x03000 · device address not listed')
    expect(pageWords(9 * KiB, pages, 2)).toBe('page 2 of 2, 4 KiB')
  })

  it('is marked by the refused accesses that were nearest to it', () => {
    const fault = (address: string | null, nearestSession: string | null) =>
      ({ kind: 'iommu', address, nearestSession }) as BoardFault
    const offsets = placeFaults(
      [
        fault('0x12000', 'a'),
        fault('0x1f000', 'a'),
        fault('0x20010', 'a'),
        fault('0x10000', 'b'),
        fault(null, 'a'),
      ],
      'a',
      pages,
    ).map(({ offset }) => offset)
    expect(offsets).toEqual([8 * KiB - 1, 8 * KiB, 8 * KiB + 0x10])
  })

  it('is not told again and again to who hears it', () => {
    expect([14, 15, 254, 255].map((age) => coarseAgeWords(age, 15))).toEqual([
      'changed just now',
      'changed lately',
      'changed lately',
      'no change seen',
    ])
  })

  it('cools down from the look that saw it change', () => {
    const heats = [0, 1, 15, 60, 254, 255].map((age) => heatOf(age, 15))
    expect(heats[0]).toBe(1)
    expect(heats).toEqual([...heats].sort((a, b) => b - a))
    expect(heats.at(-1)).toBe(0)
    expect([0, 30, 255, undefined].map((age) => ageWords(age, 15))).toEqual([
      'changed just now',
      'changed 2 s ago',
      'no change seen',
      'not looked at yet',
    ])
  })
})
