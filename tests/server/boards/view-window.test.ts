import { describe, expect, it } from 'vitest'
import { mayBeTorn, searchRange, windowOf } from '../../../server/boards/view-window.ts'

const ring = { offset: 0x1000, byteLength: 0x4000, blockByteLength: 0x1000 }
const asked = { offset: 0x1000, byteLength: 0x1000, follow: true }

describe('the window that a view shows', () => {
  it('is the asked one while no block is complete, and when it does not follow', () => {
    expect(windowOf(asked, ring, 0)).toEqual({ offset: 0x1000, byteLength: 0x1000 })
    expect(windowOf({ ...asked, follow: false }, ring, 3)).toEqual({
      offset: 0x1000,
      byteLength: 0x1000,
    })
    expect(windowOf(asked, null, 3)).toEqual({ offset: 0x1000, byteLength: 0x1000 })
  })

  it('is the last completed block, round the ring', () => {
    expect(windowOf(asked, ring, 1).offset).toBe(0x1000)
    expect(windowOf(asked, ring, 4).offset).toBe(0x4000)
    expect(windowOf(asked, ring, 5).offset).toBe(0x1000)
  })

  it('keeps its place within the block and never crosses the end of it', () => {
    expect(windowOf({ ...asked, offset: 0x1c00 }, ring, 2)).toEqual({
      offset: 0x2c00,
      byteLength: 0x400,
    })
    expect(windowOf({ ...asked, offset: 0 }, ring, 2)).toEqual({
      offset: 0x2000,
      byteLength: 0x1000,
    })
  })
})

describe('where a triggered window may lie', () => {
  const window = { ...asked, byteLength: 0x800, stride: 4 }
  const within = { ring, lockByteLength: 0x8000, places: 1 << 20 }
  const rangeOf = (blocksCompleted: number, changes: Partial<typeof window> = {}) => {
    const range = searchRange({ ...window, ...changes }, { ...within, blocksCompleted })
    return range && [range.offset, range.offset + range.byteLength]
  }

  it('is the last two blocks, or the only one', () => {
    expect(rangeOf(1)).toEqual([0x1000, 0x2000])
    expect(rangeOf(2)).toEqual([0x1000, 0x3000])
    expect(rangeOf(4)).toEqual([0x3000, 0x5000])
    expect(rangeOf(6)).toEqual([0x1000, 0x3000])
  })

  it('is the end of the ring while only the first block is newer: it never wraps', () => {
    expect(rangeOf(5)).toEqual([0x3000, 0x5000])
  })

  it('leaves out the block being filled, and takes as many as a longer window needs', () => {
    expect(rangeOf(4, { byteLength: 0x1800 })).toEqual([0x2000, 0x5000])
    expect(rangeOf(5, { byteLength: 0x1800 })).toEqual([0x3000, 0x5000])
    expect(rangeOf(4, { byteLength: 0x3000 })).toEqual([0x2000, 0x5000])
    expect(rangeOf(4, { byteLength: 0x3004 })).toBe(null)
    expect(rangeOf(1, { byteLength: 0x1800 })).toBe(null)
  })

  it('holds only completed blocks that the board does not fill, however far it came', () => {
    for (let completed = 1; completed < 30; completed++) {
      for (const byteLength of [4, 0x800, 0x1000, 0x1400, 0x3000]) {
        const range = searchRange(
          { ...window, byteLength },
          { ...within, blocksCompleted: completed },
        )
        if (!range) continue
        expect(mayBeTorn(range, ring, { before: completed, after: completed })).toBe(false)
        expect(range.offset).toBeGreaterThanOrEqual(ring.offset)
        const end = range.offset + range.byteLength
        expect(end).toBeLessThanOrEqual(ring.offset + Math.min(completed, 4) * 0x1000)
      }
    }
  })

  it('is what lies from the asked offset on where there is no ring to follow', () => {
    const still = { ...within, ring: null, blocksCompleted: 0 }
    expect(searchRange(window, still)).toEqual({
      offset: 0x1000,
      byteLength: 0x7000,
      which: 'first',
    })
    expect(rangeOf(3, { follow: false })).toEqual([0x1000, 0x8000])
  })

  it('has a bounded number of places: the newest of a ring, the first of what stands still', () => {
    const few = { ...within, blocksCompleted: 4, places: 3 }
    expect(searchRange(window, few)).toEqual({
      offset: 0x5000 - 0x800 - 8,
      byteLength: 0x800 + 8,
      which: 'newest',
    })
    expect(searchRange({ ...window, follow: false }, few)).toMatchObject({
      offset: 0x1000,
      byteLength: 0x800 + 8,
    })
  })

  it('begins where channels lie as they do at the asked offset', () => {
    expect(rangeOf(2, { stride: 12 })?.[0]).toBe(0x1000)
    expect(rangeOf(3, { stride: 12 })?.[0]).toBe(0x1000 + 12 * 342)
    expect(rangeOf(3, { stride: 12, offset: 0x1004 })?.[0]).toBe(0x1004 + 12 * 341)
  })
})

describe('whether a copy may be torn', () => {
  const last = { offset: 0x2000, byteLength: 0x1000 }

  it('is whole while the board fills another block', () => {
    expect(mayBeTorn(last, ring, { before: 2, after: 2 })).toBe(false)
    expect(mayBeTorn(last, ring, { before: 2, after: 4 })).toBe(false)
  })

  it('is torn when the board came round to it, or lapped it', () => {
    expect(mayBeTorn(last, ring, { before: 2, after: 5 })).toBe(true)
    expect(mayBeTorn(last, ring, { before: 2, after: 60 })).toBe(true)
  })

  it('is whole where the ring does not reach', () => {
    expect(mayBeTorn({ offset: 0x8000, byteLength: 16 }, ring, { before: 0, after: 99 })).toBe(
      false,
    )
  })
})
