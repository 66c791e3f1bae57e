// Triggers: the definition, sample by sample, against the search in vectors.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findTrigger, type SampleFormat, type TriggerRequest } from '../../native/index.ts'
import { holds } from '../support/properties.ts'
import { sampleReaders } from './sample-readers.ts'

function samplesOf({ bytes, format, channel, stride }: TriggerRequest): number[] {
  const [size, read] = sampleReaders[format]
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const samples: number[] = []
  for (let at = channel * size; at + size <= bytes.byteLength; at += stride) {
    samples.push(read(view, at))
  }
  return samples
}

/** The definition. */
function plainTrigger(request: TriggerRequest): number | null {
  const { edge, level, hysteresis = 0, holdOff = 0, first = 0, end = Infinity, which } = request
  const samples = samplesOf(request)
  const armed = { rising: false, falling: false }
  let [before, found] = [-Infinity, -1]
  samples.forEach((sample, index) => {
    const rises = armed.rising && sample >= level
    const falls = armed.falling && sample <= level
    if (rises) armed.rising = false
    if (falls) armed.falling = false
    if (edge !== 'falling' && sample < level - hysteresis) armed.rising = true
    if (edge !== 'rising' && sample > level + hysteresis) armed.falling = true
    if (!(rises || falls) || index - before < holdOff || index >= end) return
    before = index
    if (index >= first && (which === 'newest' || found < 0)) found = index
  })
  if (found < 0) return null
  const [last, now] = [samples[found - 1] as number, samples[found] as number]
  const share = (now - level) / (now - last)
  return found - (share >= 0 ? Math.min(65_535, Math.floor(share * 65_536)) / 65_536 : 0)
}

/** Long stretches of one sample, which vectors pass by, and noise between them. */
const memory = fc
  .array(
    fc.record({
      bytes: fc.uint8Array({ minLength: 16, maxLength: 16 }),
      repeated: fc.constantFrom(1, 2, 5, 40),
    }),
    { maxLength: 24 },
  )
  .map((pieces) =>
    Uint8Array.from(
      pieces.flatMap(({ bytes, repeated }) =>
        Array<number[]>(repeated)
          .fill([...bytes])
          .flat(),
      ),
    ),
  )

const requests = fc
  .record({
    memory,
    format: fc.constantFrom(...(Object.keys(sampleReaders) as SampleFormat[])),
    channels: fc.constantFrom(1, 2, 3, 4, 16),
    gap: fc.constantFrom(0, 0, 0, 1, 8),
    channel: fc.nat(15),
    misalignment: fc.nat(3),
    edge: fc.constantFrom('rising' as const, 'falling' as const, 'either' as const),
    levelAt: fc.nat(),
    levelShift: fc.constantFrom(0, 0, 0.5, -3, 1e300),
    hysteresis: fc.constantFrom(0, 0, 1, 100.25, 1e9, 1e308),
    holdOff: fc.constantFrom(0, 0, 1, 7, 200),
    first: fc.constantFrom(0, 0, 5, 300),
    length: fc.constantFrom(Number.MAX_SAFE_INTEGER - 300, 1, 40, 1000),
    which: fc.constantFrom('first' as const, 'newest' as const),
  })
  .map((drawn): TriggerRequest => {
    const { format, channels, edge, hysteresis, holdOff, first, which } = drawn
    const request = {
      bytes: drawn.memory.subarray(Math.min(drawn.misalignment, drawn.memory.length)),
      format,
      channel: drawn.channel % channels,
      stride: channels * sampleReaders[format][0] + drawn.gap,
      edge,
      level: 0,
      hysteresis,
      holdOff,
      first,
      end: first + drawn.length,
      which,
    }
    const samples = samplesOf(request).filter(Number.isFinite)
    const level = (samples[drawn.levelAt % samples.length] ?? 0) + drawn.levelShift
    return { ...request, level: Number.isFinite(level) ? level : 0 }
  })

test('the search finds what the definition does, whatever the samples are', async () => {
  let found = 0
  const property = fc.asyncProperty(requests, async (request) => {
    const trigger = findTrigger(request)
    if (trigger !== null) found += 1
    expect(trigger).toBe(plainTrigger(request))
  })
  await holds(property, 1000)
  // Otherwise the property would show little.
  expect(found).toBeGreaterThan(0)
})

const int16 = (samples: ArrayLike<number>): TriggerRequest => ({
  bytes: new Uint8Array(Int16Array.from(samples).buffer),
  format: 'i16le',
  channel: 0,
  stride: 2,
  edge: 'rising',
  level: 0,
  which: 'first',
})
const sine = (index: number) => Math.round(20_000 * Math.sin((2 * Math.PI * (index + 0.25)) / 1000))

describe('a trigger', () => {
  test('lies between two samples, where a line through them meets the level', () => {
    expect(findTrigger(int16([-30, -10, 30, 50]))).toBe(1.25)
    expect(findTrigger({ ...int16([30, 10, -30]), edge: 'falling' })).toBe(1.25)
    expect(findTrigger(int16([-30, 0, 30]))).toBe(1)
  })

  test('does not take memory that begins beyond the level for a crossing', () => {
    expect(findTrigger(int16([5, 6, 7]))).toBe(null)
    expect(findTrigger(int16([]))).toBe(null)
  })

  test('takes no noise for a crossing that stays within the hysteresis', () => {
    const noisy = { ...int16([-90, 3, -3, 3, -3, -80, -20, 4, -4, 4]), hysteresis: 50 }
    expect(findTrigger(noisy)).toBeCloseTo(1 - 3 / 93, 4)
    expect(Math.ceil(findTrigger({ ...noisy, which: 'newest' }) ?? 0)).toBe(7)
  })

  test('is found again at the same phase of each period, forwards and backwards', () => {
    const request = int16(Array.from({ length: 16_384 }, (_, index) => sine(index)))
    expect(findTrigger(request)).toBeCloseTo(999.75, 2)
    expect(findTrigger({ ...request, which: 'newest' })).toBeCloseTo(15_999.75, 2)
    expect(findTrigger({ ...request, which: 'newest', end: 15_000 })).toBeCloseTo(13_999.75, 2)
    expect(findTrigger({ ...request, edge: 'falling', first: 5000 })).toBeCloseTo(5499.75, 2)
  })

  test('after the hold-off is the first of the next burst, wherever the memory begins', () => {
    const bursts = (start: number) =>
      int16(
        Array.from({ length: 10_000 }, (_, i) => ((i + start) % 1000 < 100 ? sine(i * 50) : -9)),
      )
    for (const start of [0, 30, 50, 90, 500]) {
      const request = { ...bursts(start), level: 5000, hysteresis: 1000, holdOff: 200 }
      const trigger = Math.ceil(findTrigger({ ...request, which: 'newest' }) ?? 0)
      expect((trigger + start) % 1000).toBeLessThan(20)
    }
  })
})

test.each([
  ['an unknown format', { format: 'i12' }],
  ['an unknown edge', { edge: 'up' }],
  ['a level that is no number', { level: NaN }],
  ['an infinite level', { level: Infinity }],
  ['a hysteresis below nothing', { hysteresis: -1 }],
  ['a hold-off below nothing', { holdOff: -1 }],
  ['half a sample', { first: 0.5 }],
  ['a channel outside of the stride', { channel: 1 }],
])('%s is refused', (_, part) => {
  expect(() => findTrigger({ ...int16([1, 2]), ...part } as TriggerRequest)).toThrow(
    expect.objectContaining({ statusName: 'WD_INVALID_PARAMETER', operation: 'findTrigger' }),
  )
})

test.each([undefined, [1, 2], new DataView(new ArrayBuffer(64))])('%s is no memory', (bytes) => {
  expect(() => findTrigger({ ...int16([1]), bytes: bytes as never })).toThrow(TypeError)
})
