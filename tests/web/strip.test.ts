import { describe, expect, it } from 'vitest'
import { Strip, stripColumns } from '../../web/views/dma/bench/wave/strip.ts'

const columnsOf = (count: number, value: number, peak = value) =>
  new Float32Array(
    Array.from({ length: count }, (_, i) => [value, value, i === 3 ? peak : value, value]).flat(),
  )
const maxAt = (strip: Strip, column: number) => strip.channels[0]?.[column * 4 + 2] as number

describe('a strip', () => {
  it('lets blocks come in from the right and leave on the left', () => {
    const strip = new Strip(1, 10)
    for (let block = 0; block < 20; block++) {
      strip.add({ position: block * 1000, samples: 1000 }, [columnsOf(256, block)])
    }
    expect(maxAt(strip, stripColumns - 1)).toBe(19)
    expect(maxAt(strip, stripColumns - 101)).toBe(18)
    expect(maxAt(strip, 0)).toBe(9)
    expect(strip.gaps.includes(1)).toBe(false)
  })

  it('keeps a peak of one sample where many blocks share a column', () => {
    const strip = new Strip(1, 10_000)
    for (let block = 0; block < 40; block++) {
      strip.add({ position: block * 1000, samples: 1000 }, [
        columnsOf(256, 0, block === 17 ? 99 : 0),
      ])
    }
    const shown = Array.from({ length: 4 }, (_, i) => maxAt(strip, stripColumns - 4 + i))
    expect(shown).toEqual([0, 99, 0, 0])
  })

  it('leaves empty what was missed, and marks it even within a column', () => {
    const wide = new Strip(1, 100)
    wide.add({ position: 0, samples: 1000 }, [columnsOf(256, 1)])
    wide.add({ position: 3000, samples: 1000 }, [columnsOf(256, 2)])
    expect(maxAt(wide, stripColumns - 11)).toBeNaN()
    expect(maxAt(wide, stripColumns - 30)).toBeNaN()
    expect(maxAt(wide, stripColumns - 31)).toBe(1)
    expect(wide.gaps[stripColumns - 10]).toBe(1)
    const narrow = new Strip(1, 100_000)
    narrow.add({ position: 0, samples: 1000 }, [columnsOf(256, 1)])
    narrow.add({ position: 3000, samples: 1000 }, [columnsOf(256, 2)])
    expect(narrow.gaps[stripColumns - 1]).toBe(1)
  })

  it('takes a block only once, and begins anew with another transfer', () => {
    const strip = new Strip(1, 10)
    strip.add({ position: 5000, samples: 1000 }, [columnsOf(256, 1)])
    strip.add({ position: 5000, samples: 1000 }, [columnsOf(256, 7)])
    expect(maxAt(strip, stripColumns - 1)).toBe(1)
    strip.add({ position: 0, samples: 1000 }, [columnsOf(256, 3)])
    expect(maxAt(strip, stripColumns - 1)).toBe(3)
    expect(maxAt(strip, stripColumns - 150)).toBeNaN()
    expect(strip.gaps.includes(1)).toBe(false)
  })
})
