import { describe, expect, it } from 'vitest'
import { channelsOf, extentOf, pixelSpans } from '../../web/views/dma/bench/wave/wave-columns.ts'
import { fitScale, fullScale, joinExtents } from '../../web/views/dma/bench/wave/wave-scale.ts'
import {
  fittingSamples,
  usualSettings,
  waveRequest,
  windowChoices,
} from '../../web/views/dma/bench/wave/wave-window.ts'

/** first, min, max, last */
const column = (first: number, min: number, max: number, last: number) => [first, min, max, last]

describe('wave columns', () => {
  it('lie channel after channel in a payload that starts behind a header', () => {
    const frame = new Uint8Array(48 + 4 * 8)
    new Float32Array(frame.buffer, 48).set([...column(1, 2, 3, 4), ...column(5, 6, 7, 8)])
    const channels = channelsOf(new Uint8Array(frame.buffer, 48), 2)
    expect(channels?.map((columns) => [...columns])).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ])
  })

  it('are refused when they do not divide into the channels', () => {
    expect(channelsOf(new Uint8Array(48), 2)).toBeNull()
    expect(channelsOf(new Uint8Array(0), 1)).toBeNull()
  })

  it('keep a spike of one sample in the extent and on screen', () => {
    const columns = new Float32Array([0, 1, 2, 3].flatMap((i) => column(0, 0, i === 2 ? 99 : 0, 0)))
    expect(extentOf(columns)).toEqual({ min: 0, max: 99 })
    expect(pixelSpans(columns, 2)[3]).toBe(99)
  })

  it('do not count where there are no samples', () => {
    const none = column(Number.NaN, Number.NaN, Number.NaN, Number.NaN)
    expect(extentOf(new Float32Array(none))).toBeNull()
    const spans = pixelSpans(new Float32Array([...column(1, 1, 1, 1), ...none]), 2)
    expect(spans[0]).toBe(1)
    expect(spans[2]).not.toBe(0)
  })

  it('join each pixel with where the one before ended, so that a step has no hole', () => {
    const columns = new Float32Array([...column(0, 0, 0, 0), ...column(10, 10, 12, 12)])
    expect([...pixelSpans(columns, 2)]).toEqual([0, 0, 0, 12])
  })
})

describe('the scale', () => {
  it('is the whole range of an integer format', () => {
    expect(fullScale('i16le')).toEqual({ min: -32_768, max: 32_768, step: 8192 })
    expect(fullScale('u8')).toMatchObject({ min: 0, max: 256 })
  })

  it('holds what it fits, and stays when the samples move a little', () => {
    const scale = fitScale({ min: -21_900, max: 22_100 })
    expect(scale.min).toBeLessThanOrEqual(-21_900)
    expect(scale.max).toBeGreaterThanOrEqual(22_100)
    expect(fitScale({ min: -21_950, max: 22_050 })).toEqual(scale)
  })

  it('has height even for a flat line', () => {
    for (const value of [0, 5, -3]) {
      const { min, max } = fitScale({ min: value, max: value })
      expect(max).toBeGreaterThan(min)
    }
  })

  it('joins channels, and ignores those without samples', () => {
    expect(joinExtents([{ min: 0, max: 1 }, null, { min: -5, max: 0 }])).toEqual({
      min: -5,
      max: 1,
    })
    expect(joinExtents([null])).toBeNull()
  })
})

describe('the window', () => {
  const settings = { format: 'i16le', channels: 2, samples: 4096 } as const

  it('starts as the board delivers its samples', () => {
    const sampleFormat = { channel: 'c2h1', format: 'i32be', channels: 2, stride: 8, sampleRate: 1 }
    expect(usualSettings(sampleFormat)).toMatchObject({ format: 'i32be', channels: 2 })
    expect(usualSettings(null)).toMatchObject({ format: 'i16le', channels: 1 })
  })

  it('never reaches beyond the lock or the server’s limit', () => {
    const reach = { lockByteLength: 4096, maxViewByteLength: 1024 }
    expect(windowChoices(settings, reach)).toEqual([64, 128, 256])
    expect(fittingSamples(4096, [64, 128, 256])).toBe(256)
    expect(windowChoices(settings, { lockByteLength: 40, maxViewByteLength: 1024 })).toEqual([10])
  })

  it('follows the last block unless it is longer than one', () => {
    const around = (blockByteLength: number) => ({
      widthPx: 900,
      filling: { offset: 512, blockByteLength },
    })
    expect(waveRequest({ id: 's' }, settings, around(65_536))).toMatchObject({
      follow: true,
      offset: 512,
      byteLength: 16_384,
      columns: 900,
    })
    expect(waveRequest({ id: 's' }, settings, around(8192))).toMatchObject({
      follow: false,
      offset: 0,
    })
  })
})
