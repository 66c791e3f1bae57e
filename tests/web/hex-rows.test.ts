import { describe, expect, it } from 'vitest'
import { moved, selectionOf } from '../../web/views/dma/bench/bytes/cursor-moves.ts'
import {
  byteColumn,
  bytesPerRow,
  type GridShape,
  placeAt,
  rowColumns,
  textColumn,
} from '../../web/views/dma/bench/bytes/grid-shape.ts'
import {
  clampOffset,
  type GroupSize,
  groupSizes,
  hexRows,
  offsetDigits,
} from '../../web/views/dma/bench/bytes/hex-rows.ts'
import { heatOf, KnownBytes, windowAround } from '../../web/views/dma/bench/bytes/known-bytes.ts'

const memory = new Uint8Array([0x41, 0x42, 0x00, 0xff, 1, 2, 3, 4])
const byteAt = (at: number) => memory[at]
const window = { offset: 0, end: 8, rows: 2, bytesPerRow: 4 }
const texts = (shape: { groupSize: GroupSize; littleEndian: boolean }) =>
  hexRows(window, shape, byteAt).map(({ groups }) => groups.map(({ text }) => text))

describe('hex rows', () => {
  it('show bytes in the order of memory, or as little-endian numbers', () => {
    expect(texts({ groupSize: 1, littleEndian: true })[0]).toEqual(['41', '42', '00', 'FF'])
    expect(texts({ groupSize: 2, littleEndian: true })[0]).toEqual(['4241', 'FF00'])
    expect(texts({ groupSize: 4, littleEndian: false })[0]).toEqual(['414200FF'])
  })

  it('end where the lock ends', () => {
    const shape = { groupSize: 4, littleEndian: false } as const
    const rows = hexRows({ ...window, end: 6, rows: 9 }, shape, byteAt)
    expect(rows.map(({ groups }) => groups[0]?.text)).toEqual(['414200FF', '0102'])
  })

  it('show dots for bytes that have not come yet', () => {
    const rows = hexRows(
      { ...window, offset: 4, end: 16 },
      { groupSize: 1, littleEndian: true },
      byteAt,
    )
    expect(rows[1]?.groups.map(({ text }) => text)).toEqual(['··', '··', '··', '··'])
  })

  it('write what is printable', () => {
    expect(hexRows(window, { groupSize: 1, littleEndian: true }, byteAt)[0]?.ascii).toBe('AB··')
  })
})

describe('the grid', () => {
  const shapes = groupSizes.flatMap((groupSize) =>
    [true, false].map(
      (littleEndian): GridShape => ({ groupSize, littleEndian, bytesPerRow: 16, digits: 5 }),
    ),
  )

  it.each(shapes)('finds each byte where it stands: $groupSize, $littleEndian', (shape) => {
    for (let index = 0; index < 16; index++) {
      const column = byteColumn(shape, index, 16)
      for (const within of [0, 1.9]) {
        expect(placeAt(shape, column + within)).toEqual({ side: 'digits', index })
      }
      expect(placeAt(shape, textColumn(shape) + index)).toEqual({ side: 'text', index })
    }
    expect(placeAt(shape, 2)).toBeNull()
  })

  it('gives each byte columns of its own', () => {
    for (const shape of shapes) {
      const columns = Array.from({ length: 16 }, (_, i) => byteColumn(shape, i, 16))
      columns.sort((a, b) => a - b)
      columns.forEach((column, i) => {
        expect(column - (columns[i - 1] ?? 0)).toBeGreaterThanOrEqual(2)
      })
      expect(textColumn(shape)).toBeGreaterThan(Math.max(...columns) + 1)
      expect(rowColumns(shape)).toBe(textColumn(shape) + 16)
    }
  })

  it('takes as many bytes beside each other as fit', () => {
    const shape = { groupSize: 2, littleEndian: true, digits: 5 } as const
    expect([140, 80, 20].map((width) => bytesPerRow(width, shape))).toEqual([32, 16, 8])
  })
})

describe('the cursor', () => {
  const ground = { offset: 64, end: 1000, rows: 4, bytesPerRow: 16, groupSize: 4 } as const
  const digits = { ...ground, side: 'digits' } as const

  it('goes by groups of digits, and by bytes of the text', () => {
    expect(moved('ArrowRight', false, 64, digits)).toBe(68)
    expect(moved('ArrowRight', false, 64, { ...ground, side: 'text' })).toBe(65)
    expect(moved('ArrowUp', false, 70, digits)).toBe(52)
    expect(moved('PageDown', false, 64, digits)).toBe(128)
  })

  it('goes to the ends of its row, and of the lock', () => {
    expect(moved('Home', false, 72, digits)).toBe(64)
    expect(moved('End', false, 72, digits)).toBe(76)
    expect(moved('Home', true, 72, digits)).toBe(0)
    expect(moved('End', true, 72, digits)).toBe(996)
  })

  it('stays in the lock, and leaves other keys alone', () => {
    expect(moved('ArrowUp', false, 4, digits)).toBe(0)
    expect(moved('ArrowDown', false, 998, digits)).toBe(996)
    expect(moved('a', false, 4, digits)).toBeNull()
  })

  it('selects whole groups, in either direction', () => {
    expect(selectionOf(69, 75, digits)).toEqual({ offset: 68, byteLength: 8 })
    expect(selectionOf(75, 69, digits)).toEqual({ offset: 68, byteLength: 8 })
    expect(selectionOf(998, 996, { ...digits, end: 999 })).toEqual({ offset: 996, byteLength: 3 })
  })
})

describe('known bytes', () => {
  const frame = (offset: number, ...bytes: number[]) => ({ offset, bytes: new Uint8Array(bytes) })
  const heats = (known: KnownBytes, now: number, fades = true) =>
    [0, 1, 2, 3].map((at) => heatOf(known, at, { now, fades }))

  it('tell which bytes changed, and how long ago', () => {
    const known = new KnownBytes()
    known.accept(frame(0, 1, 2, 3, 4), 1000)
    expect(heats(known, 1000)).toEqual([0, 0, 0, 0])
    known.accept(frame(0, 1, 9, 3, 4), 2000)
    expect(heats(known, 2000)).toEqual([0, 4, 0, 0])
    known.accept(frame(0, 1, 9, 3, 5), 2500)
    expect(heats(known, 2500)).toEqual([0, 2, 0, 4])
    expect(heats(known, 5000)).toEqual([0, 0, 0, 0])
  })

  it('keep the mark until the next change where motion is unwelcome', () => {
    const known = new KnownBytes()
    known.accept(frame(0, 1, 2, 3, 4), 1000)
    known.accept(frame(0, 1, 9, 3, 4), 2000)
    expect(heats(known, 60_000, false)).toEqual([0, 4, 0, 0])
    known.accept(frame(0, 0, 9, 3, 4), 61_000)
    expect(heats(known, 61_000, false)).toEqual([4, 0, 0, 0])
  })

  it('compare only the same places when the window moves', () => {
    const known = new KnownBytes()
    known.accept(frame(0, 1, 2, 3, 4), 1000)
    known.accept(frame(2, 3, 9, 7, 7), 2000)
    expect([2, 3, 4].map((at) => known.changedAt(at))).toEqual([0, 2000, 0])
    expect([1, 2].map((at) => known.byteAt(at))).toEqual([undefined, 3])
    expect([...known.slice(3, 9)]).toEqual([9, 7, 7])
  })
})

describe('the window asked for', () => {
  it('is kept while it holds what is shown, and lies around it', () => {
    const first = windowAround({ offset: 0, byteLength: 100 }, 10_000, null)
    expect(first).toEqual({ offset: 0, byteLength: 200 })
    expect(windowAround({ offset: 100, byteLength: 100 }, 10_000, first)).toBe(first)
    const next = windowAround({ offset: 101, byteLength: 100 }, 10_000, first)
    expect(next).toEqual({ offset: 1, byteLength: 300 })
    expect(windowAround({ offset: 9950, byteLength: 100 }, 10_000, next)).toEqual({
      offset: 9850,
      byteLength: 150,
    })
  })
})

describe('the hex window', () => {
  it('starts on a row and stays within the lock', () => {
    const shape = { end: 1000, rows: 4, bytesPerRow: 16 }
    expect(clampOffset(35, shape)).toBe(32)
    expect(clampOffset(-5, shape)).toBe(0)
    expect(clampOffset(10_000, shape)).toBe(59 * 16)
    expect(clampOffset(10, { end: 20, rows: 4, bytesPerRow: 16 })).toBe(0)
  })

  it('writes offsets with the digits of the lock', () => {
    expect(offsetDigits(4096)).toBe(5)
    expect(offsetDigits(2 ** 28)).toBe(7)
  })
})
