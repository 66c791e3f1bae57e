// Waves: first, min, max, last of each column.

import { expect, test } from 'vitest'
import { projectWave, type SampleFormat } from '../../native/index.ts'
import { sampleReaders as formats } from './sample-readers.ts'

type Request = Parameters<typeof projectWave>[0]

/** The definition, sample by sample. */
function plainWave({ bytes, format, channels, stride, columns }: Request): Float32Array {
  const [size, read] = formats[format]
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const room = bytes.byteLength - channels * size
  const samples = room < 0 ? 0 : Math.floor(room / stride) + 1
  const wave = new Float32Array(channels * columns * 4).fill(Number.NaN)
  for (let channel = 0; samples > 0 && channel < channels; channel++) {
    for (let column = 0; column < columns; column++) {
      const begin = Math.floor((column * samples) / columns)
      const end = Math.max(begin + 1, Math.floor(((column + 1) * samples) / columns))
      const values = Array.from({ length: end - begin }, (_, i) =>
        read(view, (begin + i) * stride + channel * size),
      )
      const numbers = values.filter((value) => !Number.isNaN(value))
      const extremes = numbers.length ? [Math.min(...numbers), Math.max(...numbers)] : [NaN, NaN]
      wave.set(
        [values[0], ...extremes, values.at(-1)] as number[],
        (channel * columns + column) * 4,
      )
    }
  }
  return wave
}

/** Bytes that look random and hold some NaN whatever the format. */
function someBytes(byteLength: number): Uint8Array {
  let state = 1
  return Uint8Array.from({ length: byteLength }, (_, i) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return i % 97 < 8 ? 0xff : state >>> 16
  })
}

const shapes: [string, number, number, number][] = [
  ['one channel', 1, 0, 7],
  ['two channels', 2, 0, 13],
  ['three channels', 3, 0, 5],
  ['four channels with a gap', 4, 5, 11],
  ['more columns than samples', 1, 0, 5000],
]

test.each(
  Object.keys(formats).flatMap((format) =>
    shapes.map(([name, ...shape]) => [format as SampleFormat, name, ...shape] as const),
  ),
)('%s, %s', (format, _, channels, gap, columns) => {
  const stride = channels * formats[format][0] + gap
  const bytes = someBytes(8192 + 3).subarray(3)
  const request = { bytes, format, channels, stride, columns }
  expect(projectWave(request)).toEqual(plainWave(request))
})

test('extremes in the last samples of a column are seen', () => {
  for (const length of [1, 31, 32, 33, 63, 64, 65, 1000]) {
    const samples = new Int16Array(length)
    samples[length - 1] = -5
    const bytes = new Uint8Array(samples.buffer)
    const wave = projectWave({ bytes, format: 'i16le', channels: 1, stride: 2, columns: 1 })
    expect([...wave]).toEqual([length === 1 ? -5 : 0, -5, length === 1 ? -5 : 0, -5])
  }
})

test('infinities are numbers and NaN is not', () => {
  const samples = new Float32Array(64).fill(Number.NaN)
  samples.set([Infinity, 1, -Infinity], 20)
  const bytes = new Uint8Array(samples.buffer)
  const wave = projectWave({ bytes, format: 'f32le', channels: 1, stride: 4, columns: 1 })
  expect([...wave]).toEqual([NaN, -Infinity, Infinity, NaN])
  const none = projectWave({
    bytes: new Uint8Array(new Float32Array(64).fill(Number.NaN).buffer),
    format: 'f32le',
    channels: 1,
    stride: 4,
    columns: 2,
  })
  expect(none.every(Number.isNaN)).toBe(true)
})

test('without a whole sample there is nothing to see', () => {
  const wave = projectWave({
    bytes: new Uint8Array(3),
    format: 'i32le',
    channels: 1,
    stride: 4,
    columns: 2,
  })
  expect(wave).toHaveLength(8)
  expect(wave.every(Number.isNaN)).toBe(true)
})

test.each([
  ['an unknown format', { format: 'i12' }],
  ['no column', { columns: 0 }],
  ['no channel', { channels: 0 }],
  ['a stride below the channels', { stride: 3 }],
  ['half a column', { columns: 1.5 }],
])('%s is refused', (_, part) => {
  const request = { bytes: new Uint8Array(64), format: 'i16le', channels: 2, stride: 4, columns: 4 }
  expect(() => projectWave({ ...request, ...part } as Request)).toThrow(
    expect.objectContaining({ statusName: 'WD_INVALID_PARAMETER', operation: 'projectWave' }),
  )
})
