import { describe, expect, it } from 'vitest'
import { wheelAction } from '../../web/views/dma/bench/wave/wave-gestures.ts'
import {
  fewestSamples,
  panned,
  reachOf,
  usualSettings,
  waveRequest,
  whole,
  windowChoices,
  windowWithin,
  zoomed,
} from '../../web/views/dma/bench/wave/wave-window.ts'

const MiB = 1024 ** 2
const settings = { format: 'i16le', channels: 2 } as const
const limits = { lockByteLength: 64 * MiB, maxViewByteLength: 16 * MiB }
const still = reachOf(settings, { ...limits, blockByteLength: null })
const ring = reachOf(settings, { ...limits, blockByteLength: 65_536 })

it('starts as the board delivers its samples', () => {
  const sampleFormat = { channel: 'c2h1', format: 'i32be', channels: 2, stride: 8, sampleRate: 1 }
  expect(usualSettings(sampleFormat)).toMatchObject({ format: 'i32be', channels: 2 })
  expect(usualSettings(null)).toMatchObject({ format: 'i16le', channels: 1 })
})

describe('a window', () => {
  it('never reaches beyond the lock or what the server shows at once', () => {
    expect(still).toEqual({ samples: 16 * MiB, mostSamples: 4 * MiB, block: null })
    expect(windowWithin({ first: -5, samples: 1e9 }, still)).toEqual({ first: 0, samples: 4 * MiB })
    const last = windowWithin({ first: 1e9, samples: 1 }, still)
    expect(last).toEqual({ first: 16 * MiB - fewestSamples, samples: fewestSamples })
  })

  it('is all of a lock that is smaller than the least window', () => {
    const tiny = reachOf(settings, { ...limits, lockByteLength: 40, blockByteLength: null })
    expect(windowWithin({ first: 3, samples: 1000 }, tiny)).toEqual({ first: 0, samples: 10 })
    expect(windowChoices(tiny)).toEqual([10])
  })

  it('moves within the block while it follows a ring, and within the lock once it is longer', () => {
    expect(windowWithin({ first: 1e9, samples: 4096 }, ring).first).toBe(16_384 - 4096)
    expect(windowWithin({ first: 1e9, samples: 32_768 }, ring).first).toBe(16 * MiB - 32_768)
  })

  it('keeps the sample under the pointer there while it zooms, from single samples to all', () => {
    const at = 0.3
    let window = windowWithin({ first: 0, samples: still.mostSamples }, still)
    const sample = window.first + at * window.samples
    const seen = []
    for (let i = 0; i < 18; i++) {
      window = zoomed(window, still, { factor: 0.5, at })
      seen.push(window.samples)
      expect(Math.abs(window.first + at * window.samples - sample)).toBeLessThan(18)
    }
    expect(seen.at(-1)).toBe(fewestSamples)
    for (let i = 0; i < 18; i++) window = zoomed(window, still, { factor: 2, at })
    expect(window.samples).toBe(still.mostSamples)
  })

  it('moves by shares of its length, as far as there is memory', () => {
    const window = windowWithin({ first: 1000, samples: 100 }, still)
    expect(panned(window, still, 0.5)).toEqual({ first: 1050, samples: 100 })
    expect(panned(window, still, -50).first).toBe(0)
    expect(panned({ first: 1000, samples: 16 }, still, 0.001).first).toBe(1001)
  })

  it('grows to the whole block, then to the whole lock', () => {
    const block = whole({ first: 100, samples: 64 }, ring)
    expect(block).toEqual({ first: 0, samples: 16_384 })
    expect(whole(block, ring)).toEqual({ first: 0, samples: 4 * MiB })
    expect(whole({ first: 100, samples: 64 }, still).samples).toBe(4 * MiB)
  })

  it('can be chosen in powers of two, and as all', () => {
    const reach = reachOf(settings, { ...limits, lockByteLength: 400, blockByteLength: null })
    expect(windowChoices(reach)).toEqual([16, 32, 64, 100])
  })
})

describe('the request', () => {
  const ask = (window: { first: number; samples: number }, reach = ring) =>
    waveRequest(
      { id: 's' },
      { ...settings, ...window },
      { widthPx: 900, reach, filling: reach.block ? { offset: 512 } : null },
    )

  it('follows the last block from where in it the window is', () => {
    expect(ask({ first: 100, samples: 4096 })).toMatchObject({
      ...{ follow: true, offset: 512 + 400, byteLength: 16_384, columns: 900 },
    })
  })

  it('stands still where a window is longer than a block, or nothing fills the lock', () => {
    expect(ask({ first: 3, samples: 32_768 })).toMatchObject({ follow: false, offset: 12 })
    expect(ask({ first: 3, samples: 64 }, still)).toMatchObject({ follow: false, offset: 12 })
  })
})

describe('the wheel', () => {
  const wheel = {
    deltaX: 0,
    deltaY: 0,
    deltaMode: 0,
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
  }

  it('scrolls the page unless Ctrl is held or the plot was clicked at', () => {
    expect(wheelAction({ ...wheel, deltaY: 100 }, false)).toBe(null)
    expect(wheelAction({ ...wheel, deltaY: 100 }, true)?.kind).toBe('zoom')
    expect(wheelAction({ ...wheel, deltaY: 100, ctrlKey: true }, false)?.kind).toBe('zoom')
  })

  it('zooms in and out by as much', () => {
    const factor = (deltaY: number) => {
      const action = wheelAction({ ...wheel, deltaY, ctrlKey: true }, false)
      return action?.kind === 'zoom' ? action.factor : 0
    }
    expect(factor(-100)).toBeLessThan(1)
    expect(factor(100) * factor(-100)).toBeCloseTo(1)
  })

  it('moves along sideways or with Shift', () => {
    expect(wheelAction({ ...wheel, deltaX: 100, deltaY: 5 }, false)).toEqual({
      kind: 'pan',
      by: 0.1,
    })
    expect(wheelAction({ ...wheel, deltaY: -100, shiftKey: true }, false)).toEqual({
      ...{ kind: 'pan', by: -0.1 },
    })
  })
})
