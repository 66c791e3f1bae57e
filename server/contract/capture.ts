// Captures: saved, immutable snapshots of locked memory.

import Type, { type Static } from 'typebox'
import { maxCaptureByteLength, maxLockByteLength } from './limits.ts'
import { dataFileFormats, sampleFormats } from './samples.ts'
import { BoardId, ByteLength, Id, Nullable, PageQuery, Time } from './schema.ts'

export const NewCapture = Type.Object(
  {
    name: Type.String({ maxLength: 80, default: '' }),
    offset: Type.Integer({ minimum: 0, maximum: maxLockByteLength, default: 0 }),
    byteLength: Type.Optional(Type.Integer({ minimum: 1, maximum: maxCaptureByteLength })),
  },
  { additionalProperties: false },
)
export type NewCapture = Static<typeof NewCapture>

export const Capture = Type.Object({
  id: Id,
  session: Id,
  board: BoardId,
  owner: Type.String(),
  ownerName: Type.String(),
  name: Type.String(),
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
        sampleRate: Type.Number(),
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

export const CapturePage = Type.Object({
  items: Type.Array(Capture),
  next: Nullable(Type.String()),
  quota: Type.Object({ byteLength: ByteLength, used: ByteLength }),
})
export type CapturePage = Static<typeof CapturePage>
