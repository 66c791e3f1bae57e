import { describe, expect, it } from 'vitest'
import { channelsOf, extentOf, pixelSpans } from '../../web/views/dma/bench/wave/plot/columns.ts'
import { fitScale, fullScale, joinExtents } from '../../web/views/dma/bench/wave/plot/scale.ts'
import type { WaveScene } from '../../web/views/dma/bench/wave/plot/scene.ts'
import { gapPixels, shapesOf } from '../../web/views/dma/bench/wave/plot/shapes.ts'

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

const scene = (samples: number, columns: number[], rest: Partial<WaveScene> = {}): WaveScene => ({
  kind: 'wave',
  scale: { min: 0, max: 100, step: 25 },
  channels: [new Float32Array(columns)],
  samples,
  gaps: null,
  afterglow: null,
  ...rest,
})

describe('the shape of a wave', () => {
  const size = { width: 100, height: 100, ratio: 1 }

  it('is a point for each sample, as far as they can be told apart', () => {
    // 256 columns of 16 samples: the server repeats each of them.
    const values = Array.from({ length: 16 }, (_, i) => (i * 7) % 16)
    const columns = Array.from({ length: 256 }, (_, i) => {
      const value = values[Math.floor((i * 16) / 256)] as number
      return column(value, value, value, value)
    })
    const [shape] = shapesOf(scene(16, columns.flat()), size)
    if (shape?.kind !== 'line') throw new Error('no line')
    expect(shape.marked).toBe(true)
    const ys = Array.from({ length: 16 }, (_, i) => 100 - (shape.points[i * 2 + 1] as number))
    expect(ys.map(Math.round)).toEqual(values)
    expect(shape.points[0]).toBeCloseTo(100 / 32)
    expect(shapesOf(scene(40, columns.flat()), size)[0]).toMatchObject({ marked: false })
  })

  it('finds each single sample again among columns that repeat it unevenly', () => {
    const samples = 100
    const columns = Array.from({ length: 256 }, (_, i) => {
      const value = Math.floor((i * samples) / 256)
      return column(value, value, value, value)
    })
    const [shape] = shapesOf(scene(samples, columns.flat()), { ...size, width: 400 })
    if (shape?.kind !== 'line') throw new Error('no line')
    const ys = Array.from({ length: samples }, (_, i) => 100 - (shape.points[i * 2 + 1] as number))
    expect(ys.map(Math.round)).toEqual(Array.from({ length: samples }, (_, i) => i))
  })

  it('keeps a sample that stands out as a bar of full height at every width', () => {
    for (let at = 0; at < 2048; at += 311) {
      const columns = Array.from({ length: 2048 }, (_, i) => column(0, 0, i === at ? 99 : 0, 0))
      for (const width of [61, 390, 1104, 2048]) {
        const [shape] = shapesOf(scene(2 ** 23, columns.flat()), { ...size, width })
        if (shape?.kind !== 'bars') throw new Error('no bars')
        expect(Math.round(Math.min(...shape.edges))).toBe(1)
      }
    }
  })

  it('is not joined over a gap, which is marked', () => {
    const columns = [...column(0, 0, 0, 0), ...column(90, 90, 90, 90)]
    const joined = shapesOf(scene(1000, columns), { ...size, width: 2 })[0]
    const apart = shapesOf(scene(1000, columns, { gaps: Uint8Array.of(0, 1) }), {
      ...size,
      width: 2,
    })[0]
    const bottom = (shape: typeof joined) => (shape?.kind === 'bars' ? shape.edges[3] : null)
    expect(bottom(joined)).toBeCloseTo(100)
    expect(bottom(apart)).toBeCloseTo(10)
    expect(gapPixels(Uint8Array.of(0, 1, 0, 0), 100)).toEqual([25])
  })
})
