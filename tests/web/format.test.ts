import { describe, expect, it } from 'vitest'
import {
  formatAddress,
  formatBytes,
  formatCountdown,
  formatDuration,
  formatShare,
  formatSi,
  formatSpan,
  formatTimeLeft,
} from '../../web/shared/format.ts'
import { parseByteLength, parseWord } from '../../web/shared/parse.ts'

describe('figures', () => {
  it.each([
    [0, '0 B'],
    [1023, '1,023 B'],
    [1024, '1 KiB'],
    [20_000, '19.5 KiB'],
    [65 * 2 ** 20, '65 MiB'],
  ])('writes %i bytes as %s', (byteLength, text) => {
    expect(formatBytes(byteLength)).toBe(text)
  })

  it.each([
    [0, '0 B/s'],
    [976, '976 B/s'],
    [999.7, '1.00 kB/s'],
    [4_000_000, '4.00 MB/s'],
    [91e8, '9.10 GB/s'],
  ])('writes a rate of %d as %s', (rate, text) => {
    expect(formatSi(rate, 'B/s')).toBe(text)
  })

  it.each([
    [-5, '00:00'],
    [1, '00:01'],
    [24 * 60_000 + 13_000, '24:13'],
    [3_600_000, '1:00:00'],
  ])('counts %i ms down as %s', (ms, text) => {
    expect(formatCountdown(ms)).toBe(text)
  })

  it.each([
    [0.0074, '7 µs'],
    [7.4, '7.4 ms'],
    [90_000, '1 min 30 s'],
    [5_400_000, '1 h 30 min'],
  ])('writes a duration of %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  it('writes a share with its unit once, where both have the same', () => {
    expect(formatShare(64 * 2 ** 20, 2 ** 28)).toBe('64 of 256 MiB')
    expect(formatShare(4096, 2 ** 28)).toBe('4 KiB of 256 MiB')
    expect(formatShare(0, 2 ** 28)).toBe('0 of 256 MiB')
  })

  it('writes what is left of a lease, spans and addresses', () => {
    expect(formatTimeLeft(24 * 60_000)).toBe('24 min left')
    expect(formatTimeLeft(30_000)).toBe('under 1 min left')
    expect(formatSpan(0.001024)).toBe('1.024 ms')
    expect(formatAddress('0x1f000', 32)).toBe('0x0001F000')
  })
})

describe('typed figures', () => {
  it.each([
    ['65536', 65_536],
    ['0x10000', 65_536],
    ['64 KiB', 65_536],
    ['1.5 MiB', 1_572_864],
    ['1_000', 1000],
    ['64k', 65_536],
  ])('understands %s', (text, byteLength) => {
    expect(parseByteLength(text)).toBe(byteLength)
  })

  it.each(['', '-1', '1.5', '12 parsecs', '0x', 'KiB', '99999999999999999999'])(
    'refuses "%s"',
    (text) => {
      expect(parseByteLength(text)).toBeNull()
    },
  )

  it('holds register values to the width of the register', () => {
    expect(parseWord('0xFFFFFFFF', 32)).toBe(0xffff_ffffn)
    expect(parseWord('0x100000000', 32)).toBeNull()
    expect(parseWord('12', 8)).toBe(12n)
    expect(parseWord('-1', 8)).toBeNull()
  })
})
