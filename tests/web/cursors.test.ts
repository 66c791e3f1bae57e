import { describe, expect, it } from 'vitest'
import { clampPlace, readSpectrum, readWave } from '../../web/views/dma/bench/wave/cursors.ts'

/** Ten columns: first, min, max, last. One has a spike inside. */
const columns = Float32Array.from(
  Array.from({ length: 10 }, (_, n) => [n, n, n === 4 ? 900 : n + 0.5, n + 0.5]).flat(),
)

describe('cursors on a wave', () => {
  it('read the sample under each, and the extremes between, in either order', () => {
    const between = { min: 2, max: 900 }
    expect(readWave(columns, { a: 0.25, b: 0.75 })).toEqual({ a: 2, b: 7, between })
    expect(readWave(columns, { a: 0.75, b: 0.25 })).toEqual({ a: 7, b: 2, between })
  })

  it('read the last column at the right edge', () => {
    expect(readWave(columns, { a: 0, b: 1 })).toMatchObject({ a: 0, b: 9 })
  })

  it('read nothing where there are no samples', () => {
    const empty = new Float32Array(8).fill(Number.NaN)
    expect(readWave(empty, { a: 0, b: 1 })).toEqual({ a: null, b: null, between: null })
  })

  it('stay on the picture', () => {
    expect([-1, 0.5, 2].map(clampPlace)).toEqual([0, 0.5, 1])
  })
})

it('cursors on a spectrum read its levels', () => {
  const levels = Float32Array.of(-1, -20, -30, -40, -50)
  const read = readSpectrum(levels, { a: 0.25, b: 1 })
  expect(read).toEqual({ a: -20, b: -50, between: { min: -50, max: -20 } })
})
