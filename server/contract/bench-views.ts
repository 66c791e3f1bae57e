// How somebody looks at a board on the bench. Kept for each person and board, and carried by a link to exactly this view.

import Type, { type Static } from 'typebox'
import { maxLockByteLength, mostBookmarks } from './limits.ts'
import { maxTriggerSamples, sampleFormats, spectrumWindows, triggerEdges } from './samples.ts'
import { Id, Nullable } from './schema.ts'

/** As a live view's trigger, with what is chosen while it is off. */
export const TriggerView = Type.Object(
  {
    mode: Type.Enum(['off', 'auto', 'normal']),
    channel: Type.Integer({ minimum: 0, maximum: 15 }),
    edge: Type.Enum([...triggerEdges]),
    /** As the samples count; null: the middle of the format's range. */
    level: Nullable(Type.Number()),
    /** Null: 2 % of the format's range. */
    hysteresis: Nullable(Type.Number({ minimum: 0 })),
    holdOff: Type.Integer({ minimum: 0, maximum: maxTriggerSamples }),
    position: Type.Number({ minimum: 0, maximum: 1 }),
  },
  { additionalProperties: false },
)
export type TriggerView = Static<typeof TriggerView>

/** What a count of a channel stands for: `gain` × count + `offset`, in `unit`. */
export const ChannelUnit = Type.Object(
  {
    unit: Type.String({ maxLength: 12 }),
    gain: Type.Number(),
    offset: Type.Number(),
  },
  { additionalProperties: false },
)

/** Two samples to measure at and between, counted like the window's first. */
const SampleCursors = Type.Object(
  {
    a: Type.Integer({ minimum: 0, maximum: maxLockByteLength }),
    b: Type.Integer({ minimum: 0, maximum: maxLockByteLength }),
  },
  { additionalProperties: false },
)

export const WaveView = Type.Object(
  {
    shape: Type.Enum(['wave', 'rolling', 'spectrum', 'spectrogram']),
    /** Null: what the board delivers. So too of `channels`. */
    format: Nullable(Type.Enum([...sampleFormats])),
    channels: Nullable(Type.Integer({ minimum: 1, maximum: 16 })),
    /** The window's first sample of each channel: in the lock, or in the block of a ring that is followed. */
    first: Type.Integer({ minimum: 0, maximum: maxLockByteLength }),
    /** The window's samples of each channel. */
    samples: Nullable(Type.Integer({ minimum: 1, maximum: maxLockByteLength })),
    fit: Type.Boolean({ description: 'the scale fits the samples; else the format’s whole range' }),
    /** Null: off, and nothing chosen yet. */
    trigger: Nullable(TriggerView),
    /** What the samples of a spectrum are weighted with. */
    window: Type.Enum([...spectrumWindows]),
    /** What a rolling picture holds: so many blocks of the ring. */
    rolled: Type.Integer({ minimum: 1, maximum: 65_536 }),
    afterglow: Type.Boolean({ description: 'pictures fade slowly, so that what is rare is seen' }),
    cursors: Nullable(SampleCursors),
    /** Channel after channel; where there is none, counts. */
    units: Type.Array(ChannelUnit, { maxItems: 16 }),
  },
  { additionalProperties: false },
)

const Offset = Type.Integer({ minimum: 0, maximum: maxLockByteLength })

export const BytesView = Type.Object(
  {
    groupSize: Type.Enum([1, 2, 4, 8]),
    littleEndian: Type.Boolean(),
    gutter: Type.Enum(['offset', 'device'], {
      description: 'rows are numbered by offset in the lock or by device address',
    }),
    follow: Type.Boolean({ description: 'show the last block that the board completed' }),
    /** Of the first byte shown while it does not follow. */
    offset: Offset,
    bookmarks: Type.Array(
      Type.Object(
        { name: Type.String({ minLength: 1, maxLength: 40 }), offset: Offset },
        { additionalProperties: false },
      ),
      { maxItems: mostBookmarks, description: 'sorted by offset, at most one at each' },
    ),
  },
  { additionalProperties: false },
)

/** What is left out is as it is for whoever comes first. */
export const BenchViews = Type.Object(
  {
    /** The lock that is looked at; only in links: a lock does not last. */
    lock: Type.Optional(Id),
    wave: Type.Optional(Type.Partial(WaveView)),
    bytes: Type.Optional(Type.Partial(BytesView)),
    /** Panels of which only the heading is shown, by their title. */
    folded: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 40 }), { maxItems: 32 }),
    ),
  },
  { additionalProperties: false },
)
export type ChannelUnit = Static<typeof ChannelUnit>
export type WaveView = Static<typeof WaveView>
export type BytesView = Static<typeof BytesView>
export type BenchViews = Static<typeof BenchViews>
