// Statistics of samples: count, min, max, mean, RMS.

import { expect, test } from 'vitest'
import { projectStatistics, type SampleFormat } from '../../native/index.ts'
import { sampleReaders } from './sample-readers.ts'

/** The definition, over plain numbers. */
function plainStatistics(samples: number[]): number[] {
  const numbers = samples.filter((sample) => !Number.isNaN(sample))
  const sum = numbers.reduce((before, sample) => before + sample, 0)
  const squares = numbers.reduce((before, sample) => before + sample * sample, 0)
  const count = numbers.length
  return [
    count,
    Math.min(...numbers),
    Math.max(...numbers),
    sum / count,
    Math.sqrt(squares / count),
  ]
}

/** Signals rather than noise, so that a float's mean is not that of its largest sample. */
function writeSample(view: DataView, at: number, format: SampleFormat, index: number): void {
  const value = Math.round(100 * Math.sin(index / 3)) + (format.startsWith('u') ? 120 : 0)
  const little = format.endsWith('le')
  const set: Record<string, () => void> = {
    i8: () => view.setInt8(at, value),
    u8: () => view.setUint8(at, value),
    i16: () => view.setInt16(at, value, little),
    u16: () => view.setUint16(at, value, little),
    i32: () => view.setInt32(at, value, little),
    u32: () => view.setUint32(at, value, little),
    f32: () => view.setFloat32(at, value, little),
    f64: () => view.setFloat64(at, value, little),
  }
  set[format.replace(/[bl]e$/, '')]?.()
}

const names = Object.keys(sampleReaders) as SampleFormat[]

test.each(names)('%s: of every sample of each channel, and of nothing else', (format) => {
  const [size, read] = sampleReaders[format]
  const [channels, count] = [3, 4103]
  const stride = channels * size + 5
  // At an odd address, with bytes between the frames that are no samples.
  const bytes = new Uint8Array(count * stride + 1).fill(0x7f).subarray(1)
  const view = new DataView(bytes.buffer, 1)
  for (let i = 0; i < count; i++) {
    for (let channel = 0; channel < channels; channel++) {
      writeSample(view, i * stride + channel * size, format, i * (channel + 1))
    }
  }
  const found = projectStatistics({ bytes, format, channels, stride })
  for (let channel = 0; channel < channels; channel++) {
    const samples = Array.from({ length: count }, (_, i) => read(view, i * stride + channel * size))
    const expected = plainStatistics(samples)
    const got = [...found.subarray(channel * 5, channel * 5 + 5)]
    got.forEach((value, i) => void expect(value).toBeCloseTo(expected[i] as number, 9))
  }
})

test('millions of large samples leave the mean and RMS exact', () => {
  const samples = new Int32Array(4 * 1024 * 1024).fill(2_000_000_001)
  const bytes = new Uint8Array(samples.buffer)
  const statistics = projectStatistics({ bytes, format: 'i32le', channels: 1, stride: 4 })
  expect([...statistics]).toEqual([
    samples.length,
    ...[2_000_000_001, 2_000_000_001, 2_000_000_001],
    expect.closeTo(2_000_000_001, 3),
  ])
})

test('what is no number is left out', () => {
  const bytes = new Uint8Array(new Float32Array([Number.NaN, 3, Number.NaN, 4, 5]).buffer)
  const statistics = projectStatistics({ bytes, format: 'f32le', channels: 1, stride: 4 })
  expect([...statistics.subarray(0, 4)]).toEqual([3, 3, 5, 4])
  const none = projectStatistics({
    bytes: bytes.subarray(0, 4),
    ...{ format: 'f32le', channels: 1, stride: 4 },
  })
  expect([...none]).toEqual([0, Number.NaN, Number.NaN, Number.NaN, Number.NaN])
})

test.each([
  ['an unknown format', { format: 'i12' as SampleFormat }],
  ['no channel', { channels: 0 }],
  ['a stride below the channels', { stride: 3 }],
])('%s is refused', (_, part) => {
  const request = { bytes: new Uint8Array(64), format: 'i16le' as const, channels: 2, stride: 4 }
  expect(() => projectStatistics({ ...request, ...part })).toThrow(
    expect.objectContaining({ statusName: 'WD_INVALID_PARAMETER', operation: 'projectStatistics' }),
  )
})
