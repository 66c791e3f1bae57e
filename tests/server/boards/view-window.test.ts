import { describe, expect, it } from 'vitest'
import { mayBeTorn, windowOf } from '../../../server/boards/view-window.ts'

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
