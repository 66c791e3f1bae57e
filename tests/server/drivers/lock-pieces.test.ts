import { describe, expect, it } from 'vitest'
import { cutIntoPieces } from '../../../server/drivers/lock-pieces.ts'

const page = (address: number, byteLength: number) => ({ address: BigInt(address), byteLength })

describe('cutting a range of a lock into pieces', () => {
  it('begins within the first page and ends within the last', () => {
    const pages = [page(0x10123, 0xedd), page(0x40000, 0x1000), page(0x80000, 0x1000)]
    const pieces = cutIntoPieces(pages, {
      offset: 0x100,
      byteLength: 0x2000,
      blockByteLength: 0x2000,
    })
    expect(pieces).toEqual([
      { address: 0x10223, byteLength: 0xddd, endsBlock: false },
      { address: 0x40000, byteLength: 0x1000, endsBlock: false },
      { address: 0x80000, byteLength: 0x223, endsBlock: true },
    ])
  })

  it('cuts at the end of each block, also within a page', () => {
    const pieces = cutIntoPieces([page(0x1000, 0x4000)], {
      offset: 0,
      byteLength: 0x4000,
      blockByteLength: 0x1800,
    })
    expect(pieces.map(({ byteLength, endsBlock }) => [byteLength, endsBlock])).toEqual([
      [0x1800, true],
      [0x1800, true],
      [0x1000, true],
    ])
  })

  it('never asks for more at once than the engine can move', () => {
    const pieces = cutIntoPieces([page(0x1000, 2 ** 29)], {
      offset: 0,
      byteLength: 2 ** 29,
      blockByteLength: 2 ** 29,
      maxPieceByteLength: 2 ** 28 - 64,
    })
    expect(Math.max(...pieces.map(({ byteLength }) => byteLength))).toBe(2 ** 28 - 64)
    expect(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0)).toBe(2 ** 29)
  })
})
