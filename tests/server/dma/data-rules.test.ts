import { describe, expect, it } from 'vitest'
import { checkRange, readableRange } from '../../../server/dma/data-rules.ts'

const MiB = 1024 * 1024

describe('the range of a download', () => {
  it('is the whole lock without a header, first to last, from first, or the last bytes', () => {
    expect(readableRange(undefined, 100)).toEqual({ offset: 0, byteLength: 100 })
    expect(readableRange('bytes=10-19', 100)).toEqual({ offset: 10, byteLength: 10 })
    expect(readableRange('bytes=90-', 100)).toEqual({ offset: 90, byteLength: 10 })
    expect(readableRange('bytes=-5', 100)).toEqual({ offset: 95, byteLength: 5 })
    expect(readableRange('bytes=90-500', 100)).toEqual({ offset: 90, byteLength: 10 })
  })

  it.each([
    'bytes=100-',
    'bytes=5-4',
    'bytes=-',
    'bytes=-0',
    'bits=0-1',
    'bytes=0-1,4-5',
    'bytes=a-b',
  ])('refuses %s', (header) => {
    expect(() => readableRange(header, 100)).toThrow(
      expect.objectContaining({ code: 'PINLAB_REQUEST_RANGE' }),
    )
  })

  it('refuses more than 16 MiB at once, and takes exactly that', () => {
    expect(readableRange(`bytes=0-${16 * MiB - 1}`, 64 * MiB).byteLength).toBe(16 * MiB)
    expect(() => readableRange(undefined, 64 * MiB)).toThrow(
      expect.objectContaining({ code: 'PINLAB_DATA_TOO_LARGE' }),
    )
  })
})

describe('the range of an upload', () => {
  it('must lie within the lock', () => {
    expect(() => checkRange({ offset: 90, byteLength: 10 }, 100)).not.toThrow()
    expect(() => checkRange({ offset: 90, byteLength: 11 }, 100)).toThrow(
      expect.objectContaining({ code: 'PINLAB_REQUEST_RANGE' }),
    )
  })
})
