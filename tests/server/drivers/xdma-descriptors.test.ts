import { describe, expect, it } from 'vitest'
import { cutIntoPieces } from '../../../server/drivers/lock-pieces.ts'
import {
  maxPieceByteLength,
  sumResults,
  writeDescriptors,
} from '../../../server/drivers/xdma-descriptors.ts'

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

  it('never asks one descriptor for more than its 28-bit length', () => {
    const pieces = cutIntoPieces([page(0x1000, 2 ** 29)], {
      offset: 0,
      byteLength: 2 ** 29,
      blockByteLength: 2 ** 29,
      maxPieceByteLength,
    })
    expect(Math.max(...pieces.map(({ byteLength }) => byteLength))).toBe(maxPieceByteLength)
    expect(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0)).toBe(2 ** 29)
  })
})

describe('writing a descriptor list', () => {
  const many = Array.from({ length: 130 }, (_, index) => ({
    address: 0x10_0000 + index * 0x2000,
    byteLength: 0x1000,
    endsBlock: index === 129,
  }))
  const shape = {
    kind: 'memory',
    cyclic: false,
    listAddress: 0x8000,
    deviceAddress: 0x40,
  } as const

  function write(pieces: typeof many, options: Parameters<typeof writeDescriptors>[2]) {
    const list = new Uint8Array(pieces.length * 64)
    writeDescriptors(list, pieces, options)
    const view = new DataView(list.buffer)
    return Array.from({ length: pieces.length }, (_, index) => ({
      control: view.getUint32(index * 32, true),
      byteLength: view.getUint32(index * 32 + 4, true),
      source: view.getBigUint64(index * 32 + 8, true),
      destination: view.getBigUint64(index * 32 + 16, true),
      next: view.getBigUint64(index * 32 + 24, true),
    }))
  }

  it('links blocks of 64 descriptors, tells each how long the next is, and stops at the end', () => {
    const list = write(many, { ...shape, direction: 'h2c' })
    expect(list[63]).toMatchObject({ control: 0xad4b_0000 + (63 << 8), next: 0x8000n + 64n * 32n })
    expect(list[127]).toMatchObject({ control: 0xad4b_0000 + (1 << 8), next: 0x8000n + 128n * 32n })
    expect(list[129]?.control).toBe(0xad4b_0003)
    expect(list[0]?.control).toBe(0xad4b_0000)
  })

  it('reads host memory towards the card and writes it from the card, and advances on the card', () => {
    const [, out] = write(many, { ...shape, direction: 'h2c' })
    expect(out).toMatchObject({ source: 0x10_2000n, destination: 0x1040n })
    const [, back] = write(many, { ...shape, direction: 'c2h' })
    expect(back).toMatchObject({ source: 0x1040n, destination: 0x10_2000n })
  })

  it('writes addresses above 4 GiB whole', () => {
    const [far] = write([{ address: 0x12_3456_7000, byteLength: 64, endsBlock: true }], {
      ...shape,
      direction: 'h2c',
      deviceAddress: 0x9_0000_0010,
    })
    expect(far).toMatchObject({ source: 0x12_3456_7000n, destination: 0x9_0000_0010n })
  })

  it('closes a ring: the last descriptor leads to the first and nothing stops', () => {
    const ring = many.slice(0, 3).map((piece) => ({ ...piece, endsBlock: true }))
    const list = write(ring, { ...shape, direction: 'c2h', kind: 'stream', cyclic: true })
    expect(list.map(({ control }) => control)).toEqual([
      0xad4b_0002,
      0xad4b_0002,
      0xad4b_0002 + (2 << 8),
    ])
    expect(list[2]?.next).toBe(0x8000n)
  })

  it('ends the packet of a stream towards the card', () => {
    const list = write(many.slice(129), { ...shape, direction: 'h2c', kind: 'stream' })
    expect(list[0]?.control).toBe(0xad4b_0013)
  })
})

describe('what a stream from the card says it wrote', () => {
  it('counts a descriptor only when its result carries the magic', () => {
    const list = new Uint8Array(2 * 64)
    const view = new DataView(list.buffer)
    view.setUint16(64 + 2, 0x52b4, true)
    view.setUint32(64 + 4, 4096, true)
    view.setUint32(96 + 4, 999, true)
    expect(sumResults(list, 2, 2)).toBe(4096)
  })
})
