import { describe, expect, it } from 'vitest'
import {
  bytesPerRow,
  changedBytes,
  clampOffset,
  hexRows,
  offsetDigits,
} from '../../web/views/dma/bench/bytes/hex-rows.ts'
import { deviceAddressAt, readings } from '../../web/views/dma/bench/bytes/inspect.ts'

const frame = {
  offset: 0,
  bytes: new Uint8Array([0x41, 0x42, 0x00, 0xff, 1, 2, 3, 4]),
  changed: null,
}
const window = { offset: 0, end: 8, rows: 2, bytesPerRow: 4 }
const texts = (shape: { groupSize: 1 | 2 | 4 | 8; littleEndian: boolean }) =>
  hexRows(window, shape, frame).map(({ groups }) => groups.map(({ text }) => text))

describe('hex rows', () => {
  it('show bytes in the order of memory, or as little-endian numbers', () => {
    expect(texts({ groupSize: 1, littleEndian: true })[0]).toEqual(['41', '42', '00', 'FF'])
    expect(texts({ groupSize: 2, littleEndian: true })[0]).toEqual(['4241', 'FF00'])
    expect(texts({ groupSize: 4, littleEndian: false })[0]).toEqual(['414200FF'])
  })

  it('end where the lock ends', () => {
    const rows = hexRows(
      { ...window, end: 6, rows: 9 },
      { groupSize: 4, littleEndian: false },
      frame,
    )
    expect(rows.map(({ groups }) => groups[0]?.text)).toEqual(['414200FF', '0102'])
  })

  it('show dots for bytes that have not come yet', () => {
    const rows = hexRows(
      { ...window, offset: 4, end: 16 },
      { groupSize: 1, littleEndian: true },
      frame,
    )
    expect(rows[1]?.groups.map(({ text }) => text)).toEqual(['··', '··', '··', '··'])
  })

  it('mark a group of which any byte changed', () => {
    const changed = new Uint8Array([0, 0, 0, 1, 0, 0, 0, 0])
    const [row] = hexRows(window, { groupSize: 2, littleEndian: true }, { ...frame, changed })
    expect(row?.groups.map((group) => group.changed)).toEqual([false, true])
  })

  it('write what is printable', () => {
    expect(hexRows(window, { groupSize: 1, littleEndian: true }, frame)[0]?.ascii).toBe('AB··')
  })
})

describe('changed bytes', () => {
  const at = (offset: number, ...bytes: number[]) => ({ offset, bytes: new Uint8Array(bytes) })

  it('are told byte by byte', () => {
    expect([...(changedBytes(at(0, 1, 2, 3), at(0, 1, 9, 3)) ?? [])]).toEqual([0, 1, 0])
  })

  it('cannot be told between different windows', () => {
    expect(changedBytes(at(0, 1, 2), at(16, 1, 2))).toBeNull()
    expect(changedBytes(null, at(0, 1))).toBeNull()
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

  it('takes as many bytes beside each other as fit', () => {
    expect(bytesPerRow(140, 2)).toBe(32)
    expect(bytesPerRow(80, 2)).toBe(16)
    expect(bytesPerRow(20, 1)).toBe(8)
  })

  it('writes offsets with the digits of the lock', () => {
    expect(offsetDigits(4096)).toBe(5)
    expect(offsetDigits(2 ** 28)).toBe(7)
  })
})

describe('the inspector', () => {
  it('reads bytes as numbers in either order', () => {
    const value = (littleEndian: boolean, name: string) =>
      readings(new Uint8Array([0x00, 0xff, 0, 0, 0, 0, 0, 0]), littleEndian).find(
        (one) => one.name === name,
      )?.value
    expect(value(true, 'i16')).toBe('-256')
    expect(value(false, 'i16')).toBe('255')
  })

  it('offers no number that is longer than the bytes left', () => {
    expect(readings(new Uint8Array(3), true).map(({ name }) => name)).toEqual([
      'i8',
      'u8',
      'i16',
      'u16',
    ])
  })

  it('finds the device address in the list of pages', () => {
    const pages = [
      { address: '0x10000', byteLength: 4096 },
      { address: '0x80000', byteLength: 8192 },
    ]
    expect(deviceAddressAt(pages, 42)).toBe('0x0001002A')
    expect(deviceAddressAt(pages, 4096 + 16)).toBe('0x00080010')
    expect(deviceAddressAt(pages, 4096 + 8192)).toBeNull()
  })
})
