import { describe, expect, it } from 'vitest'
import { DescriptorProgress } from '../../../server/drivers/xdma-progress.ts'

const piece = (byteLength: number, endsBlock: boolean) => ({ address: 0, byteLength, endsBlock })
/** Two blocks of 100 bytes, of two descriptors and of one. */
const ring = [piece(60, false), piece(40, true), piece(100, true)]

describe('progress of a descriptor list', () => {
  it('counts every finished descriptor of a list that ends', () => {
    const progress = new DescriptorProgress(ring, false)
    progress.update(1)
    expect([progress.bytes, progress.blocks]).toEqual([60, 0])
    progress.update(3)
    expect([progress.bytes, progress.blocks]).toEqual([200, 2])
  })

  it('counts whole blocks of a ring, lap after lap', () => {
    const progress = new DescriptorProgress(ring, true)
    progress.update(1)
    expect([progress.bytes, progress.blocks]).toEqual([0, 0])
    progress.update(8)
    expect([progress.bytes, progress.blocks]).toEqual([500, 5])
  })

  it('goes on when the 32-bit count wraps', () => {
    const progress = new DescriptorProgress(ring, true)
    progress.update(0x7fff_ffff)
    progress.update(0xffff_fffe)
    const before = progress.descriptors
    progress.update(4)
    expect(progress.descriptors - before).toBe(6)
  })

  it('stays where it is when the count goes back', () => {
    const progress = new DescriptorProgress(ring, true)
    progress.update(100)
    progress.update(0)
    expect(progress.descriptors).toBe(100)
    progress.update(101)
    expect(progress.descriptors).toBe(101)
  })
})
