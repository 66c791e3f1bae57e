import { describe, expect, it } from 'vitest'
import {
  addressDigits,
  deviceAddressAt,
  gutterAddress,
  readings,
} from '../../web/views/dma/bench/bytes/inspect.ts'

const read = (name: string, littleEndian: boolean, ...bytes: number[]) =>
  readings(new Uint8Array(bytes), littleEndian).find((one) => one.name === name)?.value

describe('the inspector', () => {
  it('reads bytes as numbers in either order', () => {
    expect(read('i16', true, 0x00, 0xff)).toBe('-256')
    expect(read('i16', false, 0x00, 0xff)).toBe('255')
    expect(read('u64', true, 255, 255, 255, 255, 255, 255, 255, 255)).toBe(
      '18,446,744,073,709,551,615',
    )
  })

  it.each([
    ['f16', 0x3c00, '1'],
    ['f16', 0xc000, '-2'],
    ['f16', 0x7bff, '65504'],
    ['f16', 0x0001, '5.960464e-8'],
    ['f16', 0x7c00, 'Infinity'],
    ['f16', 0x7e00, 'NaN'],
    ['bf16', 0x3f80, '1'],
    ['bf16', 0xc2f7, '-123.5'],
  ])('reads %s %i as %s', (name, bits, value) => {
    expect(read(name, false, bits >> 8, bits & 255)).toBe(value)
    expect(read(name, true, bits & 255, bits >> 8)).toBe(value)
  })

  it('reads times, as far as there are any', () => {
    expect(read('time, s', false, 0x6a, 0, 0, 0)).toBe('2026-05-10 03:48:16Z')
    expect(read('time, ms 64', false, 0, 0, 1, 0x90, 0, 0, 0, 1)).toBe('2024-06-10 02:35:18.401Z')
    expect(read('time, s 64', false, 0x7f, 0, 0, 0, 0, 0, 0, 0)).toBe('no time')
  })

  it('shows a byte as bits and as a character', () => {
    expect(read('binary', true, 0x41)).toBe('01000001')
    expect(read('character', true, 0x41)).toBe('A')
    expect(read('character', true, 0x0a)).toBe('LF')
    expect(read('character', true, 0xff)).toBe('not ASCII')
  })

  it('offers nothing that is longer than the bytes left', () => {
    const names = readings(new Uint8Array(3), true).map(({ name }) => name)
    expect(names).toEqual(['binary', 'character', 'i8', 'u8', 'i16', 'u16', 'f16', 'bf16'])
  })
})

describe('device addresses', () => {
  const pages = [
    { address: '0x10000', byteLength: 4096 },
    { address: '0x180000000', byteLength: 8192 },
  ]

  it('are found in the list of pages', () => {
    expect(deviceAddressAt(pages, 42)).toBe('0x0001002A')
    expect(deviceAddressAt(pages, 4096 + 16)).toBe('0x180000010')
    expect(deviceAddressAt(pages, 4096 + 8192)).toBeNull()
  })

  it('number rows with the digits of the highest', () => {
    expect(addressDigits(pages)).toBe(9)
    expect(gutterAddress(pages, 42, 9)).toBe('00001002A')
    expect(gutterAddress(pages, 99_999, 9)).toBe('·········')
  })
})
