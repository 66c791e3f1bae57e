// Captures: saved bytes that never change, of locked memory or of a file, and what is written about them.

import Type, { type Static } from 'typebox'
import {
  captureNoteLimits,
  maxCaptureByteLength,
  maxLockByteLength,
  mostDifferences,
} from './limits.ts'
import { dataFileFormats, sampleFormats } from './samples.ts'
import { BoardId, ByteLength, Id, Nullable, PageQuery, Time } from './schema.ts'

export const NewCapture = Type.Object(
  {
    name: Type.String({ maxLength: captureNoteLimits.name, default: '' }),
    offset: Type.Integer({ minimum: 0, maximum: maxLockByteLength, default: 0 }),
    byteLength: Type.Optional(Type.Integer({ minimum: 1, maximum: maxCaptureByteLength })),
  },
  { additionalProperties: false },
)
export type NewCapture = Static<typeof NewCapture>

export const CaptureMark = Type.Object(
  {
    offset: Type.Integer({
      minimum: 0,
      maximum: maxCaptureByteLength - 1,
      description: 'of the capture’s bytes',
    }),
    text: Type.String({ minLength: 1, maxLength: captureNoteLimits.mark }),
  },
  { additionalProperties: false },
)
export type CaptureMark = Static<typeof CaptureMark>

export const CaptureChange = Type.Object(
  {
    name: Type.Optional(Type.String({ maxLength: captureNoteLimits.name })),
    note: Type.Optional(Type.String({ maxLength: captureNoteLimits.note })),
    marks: Type.Optional(Type.Array(CaptureMark, { maxItems: captureNoteLimits.marks })),
  },
  { additionalProperties: false, minProperties: 1 },
)
export type CaptureChange = Static<typeof CaptureChange>

export const Capture = Type.Object({
  id: Id,
  session: Nullable(Type.String({ format: 'uuid', description: 'null: it was sent as a file' })),
  board: BoardId,
  owner: Type.String(),
  ownerName: Type.String(),
  name: Type.String(),
  note: Type.String(),
  /** By offset. */
  marks: Type.Array(CaptureMark),
  /** Of the lock. */
  offset: ByteLength,
  byteLength: ByteLength,
  sha256: Type.String(),
  takenAt: Time,
  automatic: Type.Boolean({ description: 'taken at the scheduled end of the lease' }),
  mayBeTorn: Type.Boolean({ description: 'a transfer was writing meanwhile' }),
  /** What the board had completed into the lock by then. */
  bytesCompleted: ByteLength,
  provenance: Type.Object({
    model: Nullable(Type.String()),
    buildId: Nullable(Type.String()),
    sample: Nullable(
      Type.Object({
        format: Type.String(),
        channels: Type.Integer(),
        stride: Type.Integer(),
        /** Frames per second; null where nobody said it. */
        sampleRate: Nullable(Type.Number()),
      }),
    ),
    uploaded: Type.Optional(
      Type.Object({
        file: Type.String({ description: 'its name' }),
        format: Type.Enum([...dataFileFormats]),
        sha256: Type.String({ description: 'of the file' }),
      }),
    ),
  }),
})
export type Capture = Static<typeof Capture>

export const CaptureQuery = Type.Interface([PageQuery], {
  board: Type.Optional(BoardId),
  session: Type.Optional(Id),
})

/** How data is wanted. Where the samples are not described, they are what the board delivered, or else single bytes. */
export const DataQuery = Type.Object({
  format: Type.Enum([...dataFileFormats], { default: 'bin' }),
  sample: Type.Optional(Type.Enum([...sampleFormats])),
  channels: Type.Optional(Type.Integer({ minimum: 1, maximum: 64 })),
  stride: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 65_536, description: 'bytes from frame to frame' }),
  ),
  sampleRate: Type.Optional(Type.Number({ exclusiveMinimum: 0, description: 'frames per second' })),
})
export type DataQuery = Static<typeof DataQuery>

/** What a file is that becomes a capture. `sample`, `channels` and `sampleRate` say what the file itself does not. */
export const UploadQuery = Type.Object({
  board: BoardId,
  format: Type.Enum([...dataFileFormats]),
  name: Type.String({ maxLength: captureNoteLimits.name, default: '' }),
  file: Type.String({ maxLength: 200, default: '', description: 'name of the file' }),
  sample: DataQuery.properties.sample,
  channels: DataQuery.properties.channels,
  sampleRate: DataQuery.properties.sampleRate,
})
export type UploadQuery = Static<typeof UploadQuery>

export const Replay = Type.Object(
  {
    session: Id,
    /** Of the lock, where the capture’s first byte goes. */
    offset: Type.Integer({ minimum: 0, maximum: maxLockByteLength, default: 0 }),
  },
  { additionalProperties: false },
)
export type Replay = Static<typeof Replay>

export const DifferenceQuery = Type.Object({
  with: Type.Optional(Id),
  session: Type.Optional(Id),
  at: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: maxLockByteLength,
      description:
        'of the lock, beside the capture’s first byte; by default where it was taken from',
    }),
  ),
  offset: Type.Integer({ minimum: 0, maximum: maxCaptureByteLength, default: 0 }),
  limit: Type.Integer({ minimum: 1, maximum: mostDifferences, default: 100 }),
})
export type DifferenceQuery = Static<typeof DifferenceQuery>

export const Difference = Type.Object({
  offset: ByteLength,
  byteLength: ByteLength,
  left: Type.String({ description: 'of the capture: its first 16 bytes there, hexadecimal' }),
  right: Type.String({ description: 'of the other' }),
})
export type Difference = Static<typeof Difference>

export const Differences = Type.Object({
  /** Of both, what was compared is the shorter one. */
  leftByteLength: ByteLength,
  rightByteLength: ByteLength,
  /** From `offset` of the query to the end. */
  differentByteLength: ByteLength,
  ranges: Type.Array(Difference),
  /** Where the following ranges begin; null at the end. */
  next: Nullable(ByteLength),
})
export type Differences = Static<typeof Differences>

export const CapturePage = Type.Object({
  items: Type.Array(Capture),
  next: Nullable(Type.String()),
  quota: Type.Object({ byteLength: ByteLength, used: ByteLength }),
})
export type CapturePage = Static<typeof CapturePage>
