import { describe, expect, it } from 'vitest'
import { frameHeaderByteLength } from '../../../server/contract/frame.ts'
import type { View } from '../../../server/contract/live.ts'
import {
  maxFrameByteLength,
  planView,
  roundColumns,
  roundRate,
  streamKey,
} from '../../../server/live/live-rules.ts'

const session = { board: 'sim0', byteLength: 128 * 1024 * 1024, state: 'locked' }
const view: View = {
  op: 'view',
  id: 1,
  session: '0b1c9f0e-1c62-4a9e-9c36-0c9c3f0e6f10',
  kind: 'wave',
  offset: 0,
  byteLength: 65_536,
  follow: true,
  format: 'i16le',
  channels: 2,
  columns: 1024,
  maxFps: 30,
}

const trigger: NonNullable<View['trigger']> = {
  channel: 1,
  level: 100,
  edge: 'rising',
  hysteresis: 10,
  holdOff: 0,
  position: 0.5,
  mode: 'auto',
}

const codeOf = (changes: Partial<View>, of: typeof session | null = session) => {
  try {
    planView({ ...view, ...changes }, of)
    return null
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('rounding', () => {
  it.each([
    [1, 256],
    [256, 256],
    [257, 512],
    [1000, 1024],
    [1025, 2048],
    [2048, 2048],
  ])('%i columns become %i', (asked, given) => expect(roundColumns(asked)).toBe(given))

  it.each([
    [0.2, 1],
    [1, 1],
    [2, 5],
    [14.9, 15],
    [24, 30],
    [31, 60],
    [60, 60],
  ])('%d frames per second become %d', (asked, given) => expect(roundRate(asked)).toBe(given))
})

describe('a plan', () => {
  it('lays channels side by side where no stride is given', () => {
    expect(planView({ ...view, channels: 3, format: 'f32le' }, session).request.stride).toBe(12)
  })

  it('of bytes does not depend on what only a wave has', () => {
    const bytes = { ...view, kind: 'bytes' } as const
    const one = planView({ ...bytes, columns: 256, format: 'i8', channels: 1 }, session)
    const two = planView({ ...bytes, columns: 2048, format: 'f64le', channels: 4 }, session)
    expect(streamKey(one)).toBe(streamKey(two))
  })

  it('of pages stands still, and is looked at less often the larger it is', () => {
    const planOf = (byteLength: number, maxFps = 60) =>
      planView({ ...view, kind: 'pages', byteLength, maxFps }, session)
    expect(planOf(65_536).request.follow).toBe(false)
    expect(planOf(16 * 1024 * 1024).rate).toBe(15)
    expect(planOf(16 * 1024 * 1024 + 1).rate).toBe(5)
    expect(planOf(64 * 1024 * 1024, 1).rate).toBe(1)
  })

  it('of pages has a byte for each page that the window touches', () => {
    const { request } = planView(
      { ...view, kind: 'pages', offset: 4095, byteLength: 4098 },
      session,
    )
    expect(maxFrameByteLength(request)).toBe(frameHeaderByteLength + 3)
  })

  it.each([
    { offset: 2 },
    { byteLength: 65_540 },
    { follow: false },
    { format: 'u16le' },
    { channels: 1 },
    { stride: 8 },
    { columns: 2048 },
    { maxFps: 60 },
    { kind: 'bytes' },
    { trigger },
    { session: '1b1c9f0e-1c62-4a9e-9c36-0c9c3f0e6f10' },
  ] satisfies Partial<View>[])('with %j is a stream of its own', (changes) => {
    const changed = streamKey(planView({ ...view, ...changes }, session))
    expect(changed).not.toBe(streamKey(planView(view, session)))
  })
})

describe('views with triggers', () => {
  const keyOf = (changes: Partial<typeof trigger>) =>
    streamKey(planView({ ...view, trigger: { ...trigger, ...changes } }, session))

  it.each(
    Object.entries({
      channel: 0,
      level: 101,
      edge: 'either',
      hysteresis: 0,
      holdOff: 1,
      position: 0,
      mode: 'normal',
    }),
  )('that differ in %s do not share a stream', (field, value) => {
    expect(keyOf({ [field]: value })).not.toBe(keyOf({}))
  })

  it('share one however the fields are ordered', () => {
    const turned = Object.fromEntries(Object.entries(trigger).reverse()) as typeof trigger
    expect(streamKey(planView({ ...view, trigger: turned }, session))).toBe(keyOf({}))
  })
})

describe('spectra through different windows', () => {
  it('do not share a stream; waves do not care', () => {
    const keyOf = (changes: Partial<View>) =>
      streamKey(planView({ ...view, byteLength: 1024 * 4, ...changes }, session))
    const flat = { window: 'flatTop' } as const
    expect(keyOf({ kind: 'spectrum', ...flat })).not.toBe(keyOf({ kind: 'spectrum' }))
    expect(keyOf(flat)).toBe(keyOf({}))
  })
})

describe('a view is refused', () => {
  it.each([
    ['PINLAB_LIVE_OUT_OF_RANGE', { kind: 'pages', byteLength: 64 * 1024 * 1024 + 1 }],
    [null, { kind: 'pages', byteLength: 64 * 1024 * 1024 }],
    ['PINLAB_LIVE_OUT_OF_RANGE', { kind: 'spectrum', byteLength: 255 * 4, channels: 2 }],
    [null, { kind: 'spectrum', byteLength: 256 * 4, channels: 2 }],
    [null, { trigger }],
    ['PINLAB_LIVE_TRIGGER_INVALID', { trigger: { ...trigger, channel: 2 } }],
    ['PINLAB_LIVE_TRIGGER_INVALID', { kind: 'spectrum', trigger }],
    ['PINLAB_LIVE_TRIGGER_INVALID', { kind: 'bytes', trigger }],
    ['PINLAB_LIVE_OUT_OF_RANGE', { kind: 'statistics', byteLength: 16 * 1024 * 1024 + 4 }],
    ['PINLAB_LIVE_OUT_OF_RANGE', { offset: session.byteLength, byteLength: 64 }],
    ['PINLAB_LIVE_OUT_OF_RANGE', { byteLength: 16 * 1024 * 1024 + 1 }],
    ['PINLAB_LIVE_OUT_OF_RANGE', { kind: 'bytes', byteLength: 1024 * 1024 + 1 }],
    ['PINLAB_LIVE_OUT_OF_RANGE', { byteLength: 3 }],
    ['PINLAB_LIVE_MESSAGE_INVALID', { stride: 3 }],
    [null, { byteLength: 16 * 1024 * 1024 }],
    [null, { kind: 'bytes', byteLength: 1024 * 1024 }],
    [null, { kind: 'bytes', byteLength: 1, stride: 1 }],
  ] satisfies [string | null, Partial<View>][])('%s: %j', (code, changes) =>
    expect(codeOf(changes)).toBe(code),
  )

  it('when its session is unknown or not locked', () => {
    expect(codeOf({}, null)).toBe('PINLAB_SESSION_UNKNOWN')
    expect(codeOf({}, { ...session, state: 'requested' })).toBe('PINLAB_SESSION_NOT_LOCKED')
  })
})

it('statistics have no columns to tell them apart, and come five times a second at most', () => {
  const plan = (columns: number) =>
    planView({ ...view, kind: 'statistics', columns, maxFps: 60 }, session)
  expect(plan(256).rate).toBe(5)
  expect(streamKey(plan(256))).toBe(streamKey(plan(2048)))
})
