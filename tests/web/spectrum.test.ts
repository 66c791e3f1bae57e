import { describe, expect, it } from 'vitest'
import {
  highestPerPixel,
  levelsOf,
  peakOf,
  spectrumChoices,
} from '../../web/views/dma/bench/wave/spectrum.ts'

const levels = (count: number, peaks: Record<number, number> = {}) =>
  Float32Array.from({ length: count }, (_, i) => peaks[i] ?? -90)

describe('a spectrum', () => {
  it('is split into its channels', () => {
    const payload = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer)
    expect(levelsOf(payload, 2)?.map((one) => [...one])).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ])
    expect(levelsOf(payload, 4)).toBe(null)
  })

  it('keeps a line of one bin at every width', () => {
    for (const at of [0, 1, 700, 1023, 1024]) {
      for (const width of [1, 7, 390, 1000]) {
        const shown = highestPerPixel(levels(1025, { [at]: -3 }), width)
        expect(Math.max(...shown), `bin ${at} in ${width} pixels`).toBe(-3)
      }
    }
  })

  it('names the strongest frequency, and takes no constant for one', () => {
    const peak = { share: 0.5, level: -20 }
    expect(peakOf(levels(129, { 0: 0, 64: -20 }), 'rectangular')).toEqual(peak)
    expect(peakOf(levels(129, { 0: 0, 1: -6, 64: -20 }), 'hann')).toEqual(peak)
    const wide = levels(129, { 0: 0, 1: -1, 2: -4, 3: -12, 64: -20 })
    expect(peakOf(wide, 'blackmanHarris')).toEqual(peak)
    expect(peakOf(wide, 'flatTop')).toEqual(peak)
    expect(peakOf(levels(2), 'hann')).toBe(null)
  })

  it('is made of 256 to 65,536 samples', () => {
    expect(spectrumChoices([64, 128, 256, 65_536, 131_072])).toEqual([256, 65_536])
  })
})
