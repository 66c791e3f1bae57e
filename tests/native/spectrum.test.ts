// Spectra: signals whose levels are known.

import { describe, expect, test } from 'vitest'
import { projectSpectrum, type SampleFormat, type SpectrumWindow } from '../../native/index.ts'

type Write = (view: DataView, at: number, value: number) => void
/** Bytes of a sample, what full scale is, the middle of the range, and how to write one. */
const formats: Record<SampleFormat, [number, number, number, Write]> = {
  i8: [1, 2 ** 7, 0, (view, at, value) => view.setInt8(at, value)],
  u8: [1, 2 ** 7, 2 ** 7, (view, at, value) => view.setUint8(at, value)],
  i16le: [2, 2 ** 15, 0, (view, at, value) => view.setInt16(at, value, true)],
  i16be: [2, 2 ** 15, 0, (view, at, value) => view.setInt16(at, value)],
  u16le: [2, 2 ** 15, 2 ** 15, (view, at, value) => view.setUint16(at, value, true)],
  u16be: [2, 2 ** 15, 2 ** 15, (view, at, value) => view.setUint16(at, value)],
  i32le: [4, 2 ** 31, 0, (view, at, value) => view.setInt32(at, value, true)],
  i32be: [4, 2 ** 31, 0, (view, at, value) => view.setInt32(at, value)],
  u32le: [4, 2 ** 31, 2 ** 31, (view, at, value) => view.setUint32(at, value, true)],
  u32be: [4, 2 ** 31, 2 ** 31, (view, at, value) => view.setUint32(at, value)],
  f32le: [4, 1, 0, (view, at, value) => view.setFloat32(at, value, true)],
  f32be: [4, 1, 0, (view, at, value) => view.setFloat32(at, value)],
  f64le: [8, 1, 0, (view, at, value) => view.setFloat64(at, value, true)],
  f64be: [8, 1, 0, (view, at, value) => view.setFloat64(at, value)],
}
const formatNames = Object.keys(formats) as SampleFormat[]

/** A signal in parts of full scale, as one channel of frames that are `stride` bytes long. */
function samplesOf(
  signal: (index: number) => number,
  { format = 'f64le' as SampleFormat, channel = 0, stride = 0, size = 1024 } = {},
) {
  const [byteLength, fullScale, middle, write] = formats[format]
  const step = stride || byteLength
  const bytes = new Uint8Array(size * step).fill(0x5a)
  const view = new DataView(bytes.buffer)
  for (let index = 0; index < size; index++) {
    const value = signal(index) * fullScale + middle
    const rounded = format.startsWith('f') ? value : Math.round(value)
    write(view, index * step + channel * byteLength, rounded)
  }
  return { bytes, format, channel, stride: step, size }
}

const sine = (amplitude: number, cycles: number, size = 1024, phase = 0.3) => {
  return (index: number) => amplitude * Math.sin((2 * Math.PI * cycles * index) / size + phase)
}
const decibels = (amplitude: number) => 20 * Math.log10(amplitude)
const strongest = (levels: Float32Array) => levels.indexOf(Math.max(...levels))

/** The published terms of each window, which take turns in sign, and how many bins it leaks into on each side of a line. */
const windows: Record<SpectrumWindow, [terms: number[], bins: number]> = {
  rectangular: [[1], 0],
  hann: [[0.5, 0.5], 1],
  blackmanHarris: [[0.35875, 0.48829, 0.14128, 0.01168], 3],
  flatTop: [[0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368], 4],
}
const windowNames = Object.keys(windows) as SpectrumWindow[]

/** The definition, bin by bin. */
function plainSpectrum(
  signal: (index: number) => number,
  size: number,
  window: SpectrumWindow = 'hann',
): number[] {
  const [terms] = windows[window]
  const weight = (index: number) =>
    terms.reduce(
      (sum, term, k) => sum + (-1) ** k * term * Math.cos((2 * Math.PI * k * index) / size),
      0,
    )
  return Array.from({ length: size / 2 + 1 }, (_, bin) => {
    let [real, imaginary] = [0, 0]
    for (let index = 0; index < size; index++) {
      const windowed = signal(index) * weight(index)
      real += windowed * Math.cos((2 * Math.PI * bin * index) / size)
      imaginary -= windowed * Math.sin((2 * Math.PI * bin * index) / size)
    }
    const doubled = bin === 0 || bin === size / 2 ? 1 : 2
    return Math.max(
      -200,
      decibels((doubled * Math.hypot(real, imaginary)) / size / (terms[0] ?? 1)),
    )
  })
}

/** Even between -1 and 1, and the same in each run. */
function noise(seed = 1): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  }
}

describe('a spectrum', () => {
  test.each(formatNames)('of %s shows a sine of half of full scale at its bin', (format) => {
    const levels = projectSpectrum(samplesOf(sine(0.5, 100), { format }))
    expect(levels).toHaveLength(513)
    expect(strongest(levels)).toBe(100)
    expect(levels[100]).toBeCloseTo(decibels(0.5), 1)
    expect(levels[99]).toBeCloseTo(decibels(0.25), 1)
    expect(levels[101]).toBeCloseTo(decibels(0.25), 1)
    // What is left elsewhere is the rounding of the samples.
    const elsewhere = levels.filter((_, bin) => Math.abs(bin - 100) > 1)
    expect(Math.max(...elsewhere)).toBeLessThan(formats[format][0] === 1 ? -55 : -100)
  })

  test.each([256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536])(
    'of %d samples puts a sine of full scale at 0 dBFS',
    (size) => {
      const levels = projectSpectrum(samplesOf(sine(1, size / 8, size), { size }))
      expect(levels).toHaveLength(size / 2 + 1)
      expect(strongest(levels)).toBe(size / 8)
      expect(levels[size / 8]).toBeCloseTo(0, 2)
      const elsewhere = levels.filter((_, bin) => Math.abs(bin - size / 8) > 1)
      expect(Math.max(...elsewhere)).toBeLessThan(-120)
    },
  )

  test.each(windowNames)(
    'is the discrete Fourier transform of the samples through %s',
    (window) => {
      const next = noise()
      const signal = Array.from({ length: 256 }, next)
      const request = samplesOf((index) => signal[index] ?? 0, { size: 256 })
      const plain = plainSpectrum((index) => signal[index] ?? 0, 256, window)
      projectSpectrum({ ...request, window }).forEach((level, bin) => {
        expect(level).toBeCloseTo(plain[bin] ?? NaN, 2)
      })
    },
  )

  test.each(windowNames)(
    'through %s puts a sine and a constant of full scale at 0.0 dBFS',
    (window) => {
      const [, bins] = windows[window]
      const levels = projectSpectrum({ ...samplesOf(sine(1, 200)), window })
      expect(levels[200]).toBeCloseTo(0, 2)
      const elsewhere = levels.filter((_, bin) => Math.abs(bin - 200) > bins)
      expect(Math.max(...elsewhere)).toBeLessThan(-120)
      expect(projectSpectrum({ ...samplesOf(() => 1), window })[0]).toBeCloseTo(0, 2)
    },
  )

  test('between two bins is lowest without a window, and all but right through a flat top', () => {
    const between = samplesOf(sine(1, 200.5))
    const highest = (window: SpectrumWindow) => Math.max(...projectSpectrum({ ...between, window }))
    expect(highest('rectangular')).toBeCloseTo(-3.92, 1)
    expect(highest('hann')).toBeCloseTo(-1.42, 1)
    expect(highest('blackmanHarris')).toBeCloseTo(-0.83, 1)
    expect(highest('flatTop')).toBeCloseTo(0, 1)
  })

  test('keeps two tones apart', () => {
    const [loud, quiet] = [sine(0.5, 60), sine(0.001, 300)]
    const levels = projectSpectrum(samplesOf((index) => loud(index) + quiet(index)))
    expect(levels[60]).toBeCloseTo(decibels(0.5), 1)
    expect(levels[300]).toBeCloseTo(-60, 1)
    expect(levels[180]).toBeLessThan(-120)
  })

  test('shows a constant in the first bin, and every other sample turned in the last', () => {
    const constant = projectSpectrum(samplesOf(() => 0.25))
    expect(constant[0]).toBeCloseTo(decibels(0.25), 2)
    expect(constant[2]).toBeLessThan(-120)
    const turned = projectSpectrum(samplesOf((index) => (index % 2 === 0 ? 0.25 : -0.25)))
    expect(turned[512]).toBeCloseTo(decibels(0.25), 2)
    expect(turned[0]).toBeLessThan(-120)
  })

  test.each(formatNames)('of silence in %s is -200 everywhere', (format) => {
    const levels = projectSpectrum(samplesOf(() => 0, { format }))
    expect(new Set(levels)).toEqual(new Set([-200]))
  })

  test('spreads noise evenly: its bins add up to its power', () => {
    const next = noise(7)
    const levels = projectSpectrum(samplesOf(next, { size: 65_536 }))
    // A bin's mean power is the noise's (1/3) times the window's (3/8) times 2 * 2 / (size / 4), in sines' (1/2).
    const expected = 10 * Math.log10(((1 / 3) * (3 / 8) * 16) / 65_536)
    const powers = [...levels.subarray(1, -1)].map((level) => 10 ** (level / 10))
    const mean = 10 * Math.log10(powers.reduce((sum, power) => sum + power) / powers.length)
    expect(mean).toBeCloseTo(expected, 0)
    expect(Math.max(...levels)).toBeLessThan(expected + 15)
  })

  test('takes its channel out of frames with a gap, at an odd address', () => {
    const request = samplesOf(sine(0.5, 40), { format: 'i16be', channel: 2, stride: 9 })
    const bytes = new Uint8Array(request.bytes.byteLength + 1)
    bytes.set(request.bytes, 1)
    const levels = projectSpectrum({ ...request, bytes: bytes.subarray(1) })
    expect(strongest(levels)).toBe(40)
    expect(levels[40]).toBeCloseTo(decibels(0.5), 1)
    const other = projectSpectrum({ ...request, bytes: bytes.subarray(1), channel: 1 })
    expect(strongest(other)).toBe(0)
  })

  test('needs no more bytes than those of its last sample', () => {
    const request = samplesOf(sine(0.5, 40), { format: 'i16le', channel: 1, stride: 8 })
    const end = 1023 * 8 + 4
    expect(projectSpectrum({ ...request, bytes: request.bytes.subarray(0, end) })[40]).toBeCloseTo(
      decibels(0.5),
      1,
    )
    expect(() =>
      projectSpectrum({ ...request, bytes: request.bytes.subarray(0, end - 1) }),
    ).toThrow(expect.objectContaining({ statusName: 'WD_INVALID_PARAMETER' }))
  })

  test.each(['f32le', 'f32be', 'f64le', 'f64be'] as const)(
    'of %s takes what is no number for 0',
    (format) => {
      const tone = sine(0.5, 100)
      const strange = [NaN, Infinity, -Infinity]
      const levels = projectSpectrum(
        samplesOf((index) => (index % 64 < 3 ? (strange[index % 64] ?? 0) : tone(index)), {
          format,
        }),
      )
      const zeroed = projectSpectrum(
        samplesOf((index) => (index % 64 < 3 ? 0 : tone(index)), { format }),
      )
      expect(levels).toEqual(zeroed)
      expect(strongest(levels)).toBe(100)
      const nothing = projectSpectrum(samplesOf(() => NaN, { format }))
      expect(new Set(nothing)).toEqual(new Set([-200]))
    },
  )

  test('of the largest numbers is still made of numbers', () => {
    const levels = projectSpectrum(
      samplesOf((index) => (index % 2 === 0 ? Number.MAX_VALUE : -Number.MAX_VALUE), {
        size: 65_536,
      }),
    )
    expect(levels.every(Number.isFinite)).toBe(true)
    expect(levels[32_768]).toBeCloseTo(decibels(2 ** 60), 1)
  })
})

test.each([
  ['an unknown format', { format: 'i12' }],
  ['an unknown window', { window: 'hat' }],
  ['a size that is no power of two', { size: 1000 }],
  ['a size below 256', { size: 128 }],
  ['a size above 65,536', { size: 131_072 }],
  ['more samples than there are', { size: 2048 }],
  ['a channel outside of the stride', { channel: 1 }],
  ['a channel before the first', { channel: -1 }],
  ['half a channel', { channel: 0.5 }],
  ['a stride of nothing', { stride: 0 }],
  ['a stride beyond 32 bits', { stride: 2 ** 40 }],
])('%s is refused', (_, part) => {
  const request = { ...samplesOf(sine(1, 4), { format: 'i16le' }), ...part }
  expect(() => projectSpectrum(request as Parameters<typeof projectSpectrum>[0])).toThrow(
    expect.objectContaining({
      statusName: 'WD_INVALID_PARAMETER',
      operation: 'projectSpectrum',
    }),
  )
})

test.each([undefined, [1, 2], new DataView(new ArrayBuffer(4096))])('%s is no memory', (bytes) => {
  const request = { ...samplesOf(sine(1, 4)), bytes: bytes as never }
  expect(() => projectSpectrum(request)).toThrow(TypeError)
})
