import { describe, expect, it } from 'vitest'
import { highestPerPixel } from '../../web/views/dma/bench/wave/plot/spectrum-levels.ts'
import {
  levelsOf,
  peakOf,
  spectrumChoices,
  spectrumSamples,
} from '../../web/views/dma/bench/wave/spectrum.ts'
import { Waterfall, waterfallRows } from '../../web/views/dma/bench/wave/waterfall.ts'

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
    expect(spectrumChoices([64, 128, 256, 3000, 65_536, 131_072])).toEqual([256, 65_536])
    expect([255, 256, 3000, 1_000_000].map(spectrumSamples)).toEqual([null, 256, 2048, 65_536])
  })
})

describe('a spectrogram', () => {
  const rowOf = ({ levels: all, width }: { levels: Uint8Array; width: number }, row: number) => [
    ...all.subarray(row * width, (row + 1) * width),
  ]

  it('has the newest spectrum on top, and a line of one bin in every row', () => {
    const fall = new Waterfall(1, 390)
    for (const at of [10, 1000]) fall.add([levels(1025, { [at]: 0 })], false)
    const scene = fall.scene()
    expect(scene.rows).toBe(waterfallRows)
    expect(rowOf(scene, 0).indexOf(255)).toBe(Math.floor((1000 * 390) / 1025))
    expect(rowOf(scene, 1).indexOf(255)).toBe(Math.floor((10 * 390) / 1025))
    expect(Math.max(...rowOf(scene, 2))).toBe(0)
  })

  it('leaves a row empty where spectra were skipped', () => {
    const fall = new Waterfall(1, 390)
    fall.add([levels(1025)], false)
    fall.add([levels(1025)], true)
    const filled = [0, 1, 2].map((row) => Math.max(...rowOf(fall.scene(), row)) > 0)
    expect(filled).toEqual([true, false, true])
  })

  it('fills every pixel where it has more of them than levels', () => {
    const fall = new Waterfall(1, 390)
    fall.add([levels(129)], false)
    expect(Math.min(...rowOf(fall.scene(), 0))).toBeGreaterThan(0)
  })

  it('lets no channel run into the next', () => {
    const fall = new Waterfall(2, 100)
    for (let i = 0; i < 200; i++) fall.add([levels(129), levels(129, { 64: 0 })], false)
    const scene = fall.scene()
    const second = scene.rows / 2
    expect(Math.max(...rowOf(scene, second - 1))).toBe(0)
    expect(Math.max(...rowOf(scene, second - 2))).toBeLessThan(255)
    expect(Math.max(...rowOf(scene, second))).toBe(255)
  })
})
