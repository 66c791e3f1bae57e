import { describe, expect, it } from 'vitest'
import type { ViewRequest } from '../../web/api/live-socket.ts'
import {
  clampPlace,
  placeOf,
  readSpectrum,
  readWave,
  sampleAt,
  samplesBetween,
} from '../../web/views/dma/bench/wave/cursors.ts'
import {
  statisticsInUnit,
  statisticsOf,
  statisticsRequest,
} from '../../web/views/dma/bench/wave/statistics.ts'

/** Ten columns: first, min, max, last. One has a spike inside. */
const columns = Float32Array.from(
  Array.from({ length: 10 }, (_, n) => [n, n, n === 4 ? 900 : n + 0.5, n + 0.5]).flat(),
)

describe('cursors on a wave', () => {
  it('read the sample under each', () => {
    expect(readWave(columns, { a: 0.25, b: 0.75 })).toEqual({ a: 2, b: 7 })
  })

  it('read nothing beside the picture, or where there are no samples', () => {
    expect(readWave(columns, { a: -0.1, b: 1.05 })).toEqual({ a: null, b: null })
    const empty = new Float32Array(8).fill(Number.NaN)
    expect(readWave(empty, { a: 0, b: 0.9 })).toEqual({ a: null, b: null })
  })

  it('stay at their sample whatever part of the memory is shown', () => {
    const near = { first: 1000, samples: 16 }
    for (let sample = 1000; sample < 1016; sample++) {
      expect(sampleAt(placeOf(sample, near), near)).toBe(sample)
    }
    expect(placeOf(999, near)).toBeLessThan(0)
    expect(sampleAt(2, near)).toBe(1015)
  })

  it('stay on the picture', () => {
    expect([-1, 0.5, 2].map(clampPlace)).toEqual([0, 0.5, 1])
  })
})

describe('the samples between cursors', () => {
  it('are those from the earlier one up to the later one, in either order', () => {
    expect(samplesBetween({ a: 5, b: 9 })).toEqual({ first: 5, samples: 4 })
    expect(samplesBetween({ a: 9, b: 5 })).toEqual({ first: 5, samples: 4 })
    expect(samplesBetween({ a: 5, b: 5 })).toEqual({ first: 5, samples: 1 })
  })

  it('are asked for where the wave is', () => {
    const wave: ViewRequest = {
      session: 's',
      kind: 'wave',
      offset: 400,
      byteLength: 64,
      follow: true,
      format: 'i16le',
      channels: 2,
      stride: 4,
      columns: 256,
      maxFps: 60,
    }
    expect(statisticsRequest(wave, { first: -10, samples: 4 })).toMatchObject({
      ...{ kind: 'statistics', offset: 360, byteLength: 16, follow: true, stride: 4, maxFps: 5 },
    })
  })

  it('are told of each channel', () => {
    const payload = new Uint8Array(48 + 80)
    new Float64Array(payload.buffer, 48).set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(statisticsOf(payload.subarray(48), 2)?.[1]).toEqual({
      ...{ count: 6, min: 7, max: 8, mean: 9, rms: 10 },
    })
    expect(statisticsOf(payload.subarray(48), 1)).toBe(null)
  })

  it('measure the same in a unit as if every sample had been one of it', () => {
    const samples = [-3, 1, 4, 10]
    const plain = (values: number[]) => ({
      count: values.length,
      min: Math.min(...values),
      max: Math.max(...values),
      mean: values.reduce((sum, value) => sum + value, 0) / values.length,
      rms: Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length),
    })
    const unit = { unit: 'V', gain: -0.5, offset: 3 }
    const measured = statisticsInUnit(plain(samples), unit)
    const expected = plain(samples.map((count) => -0.5 * count + 3))
    for (const [name, value] of Object.entries(measured)) {
      expect(value).toBeCloseTo(expected[name as keyof typeof expected], 9)
    }
  })
})

it('cursors on a spectrum read its levels', () => {
  const levels = Float32Array.of(-1, -20, -30, -40, -50)
  expect(readSpectrum(levels, { a: 0.25, b: 1 })).toEqual({ a: -20, b: -50 })
})
