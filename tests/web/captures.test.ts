// Captures on the pages: marks as text, what is said of a file, what can be played, and going through differences.

import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Channel } from '../../server/contract/board.ts'
import { bytesWords, comparisonWords } from '../../web/shared/captures/comparison-words.ts'
import { marksText, parseMarks } from '../../web/shared/captures/marks.ts'
import { Comparison } from '../../web/state/comparison.svelte.ts'
import {
  offsetFault,
  players,
  playFault,
  playRequest,
} from '../../web/views/dma/bench/captures/load-form.ts'
import { asksFor, formFor, uploadQuery } from '../../web/views/dma/bench/captures/upload-form.ts'

describe('marks as text', () => {
  it('are the marks again', () => {
    const marks = [
      { offset: 0, text: 'start of the burst' },
      { offset: 0x1_0000, text: '#2' },
    ]
    expect(parseMarks(marksText(marks), 0x2_0000)).toEqual({ marks })
    for (const line of ['\n 4 KiB  odd  \n\n', '4KiB odd', '0x1000 odd']) {
      expect(parseMarks(line, 5000)).toEqual({ marks: [{ offset: 4096, text: 'odd' }] })
    }
    expect(parseMarks('1 x\n\nodd 4', 5000).fault).toMatch(/^Line 3/)
  })

  it.each([
    ['no offset', 'trigger 12'],
    ['no words', '12'],
    ['a place outside', '100 end'],
    ['too much', `1 ${'x'.repeat(121)}`],
    ['too many', '1 x\n'.repeat(65)],
  ])('with %s are refused', (_, text) => {
    expect(parseMarks(text, 100)).toEqual({ marks: [], fault: expect.any(String) })
  })
})

describe('a file that is to be sent', () => {
  const about = { board: 'sim0', file: { name: 'two tones.WAV', size: 10 } }

  it('is what its name says, or bytes', () => {
    expect(formFor('two tones.WAV')).toMatchObject({ name: 'two tones', format: 'wav' })
    expect(formFor('dump.v2.npy')).toMatchObject({ name: 'dump.v2', format: 'npy' })
    for (const name of ['dump', 'dump.dat', '.csv']) expect(formFor(name).format).toBe('bin')
    expect(formFor(`${'x'.repeat(99)}.csv`).name).toHaveLength(80)
  })

  it('is sent with what it does not say itself, and nothing else', () => {
    const form = { ...formFor('x'), sample: 'i16le', channels: '2', sampleRate: '48000' } as const
    const query = (change: object) => uploadQuery({ ...form, ...change }, about).query
    const always = { board: 'sim0', name: 'x', file: 'two tones.WAV' }
    const said = { sample: 'i16le', channels: 2, sampleRate: 48_000 }
    expect(query({})).toEqual({ ...always, format: 'bin', ...said })
    expect(query({ sample: '' })).toEqual({ ...always, format: 'bin' })
    expect(query({ format: 'wav' })).toEqual({ ...always, format: 'wav' })
    expect(query({ format: 'npy' })).toEqual({ ...always, format: 'npy', sampleRate: 48_000 })
    const csv = { format: 'csv', sample: 'i16le', sampleRate: 48_000 }
    expect(query({ format: 'csv' })).toEqual({ ...always, ...csv })
    expect(asksFor({ format: 'wav', sample: '' }).sampleRate).toBe(false)
  })

  it.each([
    ['nothing in it', {}, { size: 0 }],
    ['too much in it', {}, { size: 2 ** 40 }],
    ['too many channels', { sample: 'u8', channels: '65' }, {}],
    ['no rate', { format: 'npy', sampleRate: '-1' }, {}],
  ])('with %s stays here', (_, change, file) => {
    const asked = uploadQuery({ ...formFor('x'), ...change } as never, {
      ...{ board: 'sim0', file: { name: 'x', size: 1, ...file } },
    })
    expect(asked).toEqual({ query: null, fault: expect.any(String) })
  })
})

describe('a capture that is to be loaded', () => {
  const dac = {
    ...{ id: 'h2c1', direction: 'h2c', kind: 'stream', name: 'DAC', byteLengthMultiple: 4 },
    ...{ modes: ['once', 'cyclic'], unavailable: null },
  } as unknown as Channel
  const lock = { id: 'l', byteLength: 0x10_0000, direction: 'toDevice' } as const

  it('goes where it fits', () => {
    expect(offsetFault('0', { byteLength: 0x10_0000 }, lock)).toBeUndefined()
    expect(offsetFault('4 KiB', { byteLength: 0x10_0000 }, lock)).toMatch(/at most 0 B/)
    expect(offsetFault('0', { byteLength: 0x10_0001 }, lock)).toMatch(/only 1 MiB/)
    expect(offsetFault('somewhere', { byteLength: 1 }, lock)).toBeDefined()
  })

  it('is played by a stream to the board, as it is', () => {
    const others = [
      { ...dac, kind: 'memory' },
      { ...dac, direction: 'c2h' },
      { ...dac, unavailable: 'why' },
    ]
    expect(players([...others, dac] as Channel[])).toEqual([dac])
    const whole = { byteLength: 0x2_0000 }
    expect(playFault('cyclic', whole, dac, lock)).toBeUndefined()
    expect(playRequest('cyclic', whole, { channel: dac, offset: 64 })).toEqual({
      ...{ channel: 'h2c1', mode: 'cyclic', offset: 64 },
      ...{ byteLength: 0x2_0000, blockByteLength: 0x1_0000 },
    })
    const once = playRequest('once', whole, { channel: dac, offset: 0 })
    expect(once).not.toHaveProperty('blockByteLength')
  })

  it('is not where the channel would refuse it', () => {
    const fault = (play: 'nothing' | 'once' | 'cyclic', byteLength: number, direction: string) =>
      playFault(play, { byteLength }, dac, { ...lock, direction } as never)
    expect(fault('once', 4096, 'fromDevice')).toMatch(/to device/)
    expect(fault('once', 4097, 'toDevice')).toMatch(/multiples of 4/)
    expect(fault('cyclic', 100, 'toDevice')).toMatch(/equal blocks/)
    expect(fault('once', 100, 'toFromDevice')).toBeUndefined()
    expect(fault('nothing', 4097, 'fromDevice')).toBeUndefined()
  })
})

describe('a comparison', () => {
  afterEach(() => vi.unstubAllGlobals())

  const range = (offset: number) => ({ offset, byteLength: 1, left: '00', right: 'ff' })
  const of = { leftByteLength: 900, rightByteLength: 900, differentByteLength: 3 }

  /** A server whose answers come two ranges at a time. */
  function served(offsets: number[]) {
    const asked: string[] = []
    vi.stubGlobal('fetch', async (url: string) => {
      asked.push(url)
      const from = Number(new URL(url, 'http://x').searchParams.get('offset'))
      const left = offsets.filter((offset) => offset >= from)
      const ranges = left.slice(0, 2).map(range)
      return Response.json({ ...of, ranges, next: left[2] ?? null })
    })
    return asked
  }

  it('is gone through one by one, and read on at the end of what was read', async () => {
    const asked = served([5, 70, 800])
    const comparison = new Comparison('c')
    expect(await comparison.read({ session: 's' })).toBe(true)
    expect(asked[0]).toMatch(/captures\/c\/differences\?session=s&offset=0/)
    await comparison.step(-1)
    expect(comparison.chosen).toBe(0)
    await comparison.step(1)
    expect(comparison.hasMore).toBe(true)
    await comparison.step(1)
    expect(asked[1]).toMatch(/offset=800/)
    expect(comparison.ranges[comparison.chosen]?.offset).toBe(800)
    await comparison.step(1)
    expect([comparison.chosen, comparison.hasMore, asked.length]).toEqual([2, false, 2])
  })

  it('with something else begins anew', async () => {
    served([5, 70])
    const comparison = new Comparison('c')
    await comparison.read({ with: 'a' })
    comparison.choose(9)
    expect(comparison.chosen).toBe(1)
    served([])
    await comparison.read({ with: 'b' })
    expect([comparison.chosen, comparison.ranges]).toEqual([0, []])
  })

  it('that cannot be read on stays where it is', async () => {
    served([5, 70, 800])
    const comparison = new Comparison('c')
    await comparison.read({ with: 'a' })
    comparison.choose(1)
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('offline')
    })
    await comparison.step(1)
    expect(comparison.chosen).toBe(1)
    expect(comparison.reading.problem?.code).toBe('PINLAB_WEB_UNREACHABLE')
  })

  it('says how much differs, and what was compared', () => {
    const found = { ...of, ranges: [range(0), range(7)], next: null }
    expect(comparisonWords(found)).toBe('3 bytes differ of 900 B, in 2 ranges.')
    expect(comparisonWords({ ...found, next: 9 })).toMatch(/many ranges/)
    expect(comparisonWords({ ...of, differentByteLength: 0, ranges: [], next: null })).toBe(
      'No byte differs.',
    )
    expect(comparisonWords({ ...found, rightByteLength: 100 })).toMatch(
      /shorter one goes \(100 B\)/,
    )
    expect([bytesWords('0aff', 2), bytesWords('0aff', 9)]).toEqual(['0A FF', '0A FF …'])
  })
})
