// How the bench is looked at: links to a view, and what the server keeps.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BenchViews } from '../../web/state/bench-views.svelte.ts'
import { fromLink, toLink } from '../../web/state/view-link.ts'
import { usualTrigger } from '../../web/views/dma/bench/wave/trigger.ts'

const path = '/api/v1/me/boards/sim0/views'
let kept: unknown
let puts: unknown[]

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('location', { origin: 'http://lab', pathname: '/boards/sim0' })
  kept = {}
  puts = []
  vi.stubGlobal('fetch', async (url: string, { method = 'GET', body = '' } = {}) => {
    expect(url).toBe(path)
    if (method === 'GET') return new Response(JSON.stringify(kept))
    puts.push(JSON.parse(body))
    return new Response(null, { status: 204 })
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** As the bench does whenever something was chosen. */
async function passTime(views: BenchViews, ms: number) {
  views.keep()
  await vi.advanceTimersByTimeAsync(ms)
}

describe('a link', () => {
  it('shows the same views to whoever opens it, and leaves alone what they had kept', async () => {
    const one = new BenchViews('sim0')
    one.wave.shape = 'spectrum'
    one.bytes.offset = 0x1000
    one.bytes.gutter = 'device'
    one.bytes.bookmarks = [{ name: 'header', offset: 64 }]
    one.fold('Registers')
    const link = new URL(one.address('a-lock')).searchParams.get('view')

    const other = new BenchViews('sim0')
    const stop = other.start(link)
    other.wave.fit = true
    await passTime(other, 5000)
    stop()
    expect(other.lock).toBe('a-lock')
    expect(other.wave).toMatchObject({ shape: 'spectrum', format: null })
    expect(other.bytes).toMatchObject({ offset: 0x1000, groupSize: 2, gutter: 'device' })
    // They are one's own.
    expect(other.bytes.bookmarks).toEqual([])
    expect(other.folded).toEqual(['Registers'])
    expect(puts).toEqual([])
  })

  it('carries choices alone', () => {
    expect(fromLink('not JSON')).toBeNull()
    expect(fromLink('null')).toBeNull()
    const made = {
      lock: 7,
      wave: { shape: 'sphere', samples: -1, fit: true, __proto__: 1, toString: 1 },
      bytes: 'all',
      folded: ['Wave', 3],
    }
    expect(fromLink(JSON.stringify(made))).toEqual({
      wave: { fit: true },
      bytes: {},
      folded: ['Wave'],
    })
    const trigger = { ...usualTrigger, mode: 'normal', level: -3.5, holdOff: 7 } as const
    for (const wrong of [{ ...trigger, position: 2 }, { mode: 'auto' }, { ...trigger, x: 1 }]) {
      expect(fromLink(JSON.stringify({ wave: { trigger: wrong } }))?.wave).toEqual({})
    }
    const volts = { unit: 'V', gain: 0.5, offset: -1 }
    const views = {
      wave: {
        ...{ samples: 4096, first: 7, cursors: { a: 1, b: 2 }, units: [volts], trigger },
        window: 'flatTop' as const,
      },
      bytes: {},
      folded: [],
    }
    expect(fromLink(toLink(views))).toEqual(views)
    const wrong = { cursors: { a: 1 }, units: [{ ...volts, gain: null }], first: 0.5, rolled: 0 }
    expect(fromLink(JSON.stringify({ wave: wrong }))?.wave).toEqual({})
  })
})

describe('one’s own choices', () => {
  it('are as the server kept them, and kept once when they have changed', async () => {
    kept = { wave: { fit: true }, folded: ['Wave'] }
    const views = new BenchViews('sim0')
    const stop = views.start(null)
    await passTime(views, 5000)
    expect(views.wave.fit).toBe(true)
    expect(views.isFolded('Wave')).toBe(true)
    expect(puts).toEqual([])

    views.bytes.groupSize = 4
    await passTime(views, 500)
    views.bytes.groupSize = 8
    views.bytes.offset = 64
    await passTime(views, 900)
    expect(puts).toEqual([])
    await passTime(views, 200)
    // Where one was in a lock is not kept: the lock does not last.
    expect(puts).toEqual([{ wave: { fit: true }, bytes: { groupSize: 8 }, folded: ['Wave'] }])
    views.fold('Wave')
    views.keep()
    stop()
    expect(puts).toHaveLength(2)
    expect(puts[1]).toMatchObject({ folded: [] })
  })

  it('are not kept over those that could not be read', async () => {
    vi.stubGlobal('fetch', async (_url: string, { method = 'GET' } = {}) => {
      if (method !== 'GET') puts.push(method)
      throw new TypeError('no network')
    })
    const views = new BenchViews('sim0')
    const stop = views.start(null)
    await passTime(views, 100)
    views.wave.fit = true
    await passTime(views, 5000)
    stop()
    expect(puts).toEqual([])
  })
})
