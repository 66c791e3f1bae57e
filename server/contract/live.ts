// Control messages of the live protocol (JSON text on the socket /api/v1/live, subprotocol pinlab.live.v1). Frames are in frame.ts.

import Type, { type Static } from 'typebox'
import type { Transfer } from './dma-session.ts'
import { maxLockByteLength } from './limits.ts'
import type { BoardStatus } from './overview.ts'
import { maxTriggerSamples, sampleFormats, spectrumWindows, triggerEdges } from './samples.ts'
import { BoardId, Id, type Problem } from './schema.ts'

/** Requests of a client are numbered by the client; the number names the watch or view until it is closed. */
const requestId = Type.Integer({ minimum: 1, maximum: 0xffff_ffff })

export const Watch = Type.Object(
  { op: Type.Literal('watch'), id: requestId, board: BoardId },
  { additionalProperties: false },
)

/**
 * Of a wave: the window is not where `offset` says but around the newest crossing of a level by one channel, in the last blocks that a
 * cyclic transfer completed; where there is no such transfer, or the view does not follow, around the first from `offset` on.
 */
export const Trigger = Type.Object(
  {
    channel: Type.Integer({ minimum: 0, maximum: 15, default: 0, description: 'from 0' }),
    level: Type.Number({ description: 'as the samples count; so too the hysteresis' }),
    edge: Type.Enum([...triggerEdges], { default: 'rising' }),
    /** A rising edge arms below level - hysteresis, and triggers at the next sample that is not below the level. */
    hysteresis: Type.Number({ minimum: 0, default: 0 }),
    /** Samples from one trigger to the next, at least. */
    holdOff: Type.Integer({ minimum: 0, maximum: maxTriggerSamples, default: 0 }),
    /** The share of the window that lies before the trigger. */
    position: Type.Number({ minimum: 0, maximum: 1, default: 0.5 }),
    /** Without a trigger: `normal` makes no frame, `auto` after a quarter of a second one that is not triggered. */
    mode: Type.Enum(['auto', 'normal'], { default: 'auto' }),
  },
  { additionalProperties: false },
)
export type Trigger = Static<typeof Trigger>

export const View = Type.Object(
  {
    op: Type.Literal('view'),
    id: requestId,
    session: Id,
    kind: Type.Enum(['bytes', 'wave', 'pages', 'spectrum', 'statistics']),
    offset: Type.Integer({ minimum: 0, maximum: maxLockByteLength, default: 0 }),
    byteLength: Type.Integer({ minimum: 1, maximum: maxLockByteLength }),
    /** While a cyclic transfer fills the lock: show the window within the last completed block (true) or the fixed window. Pages stand still. */
    follow: Type.Boolean({ default: true }),
    format: Type.Enum([...sampleFormats], { default: 'i16le' }),
    channels: Type.Integer({ minimum: 1, maximum: 16, default: 1 }),
    /** Bytes between successive samples of one channel; channels lie side by side. Default: channels × sample size. */
    stride: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_536 })),
    /** Of a wave. A spectrum has half as many as it has samples, which are a power of two from 256 to 65,536, and one; statistics have none. */
    columns: Type.Integer({ minimum: 1, maximum: 2048, default: 1024 }),
    /** Of pages at most 15, of more than 16 MiB at most 5: each look reads the whole window. */
    maxFps: Type.Number({ exclusiveMinimum: 0, maximum: 60, default: 30 }),
    /** What the samples of a spectrum are weighted with; Hann if not given. */
    window: Type.Optional(Type.Enum([...spectrumWindows])),
    /** Of a wave; refused with any other kind. */
    trigger: Type.Optional(Trigger),
  },
  { additionalProperties: false },
)
export type View = Static<typeof View>

export const Close = Type.Object(
  { op: Type.Literal('close'), id: requestId },
  { additionalProperties: false },
)

/** Sent after painting. Cumulative: a stream's frames up to and including `seq` are done with. */
export const Ack = Type.Object(
  {
    op: Type.Literal('ack'),
    acks: Type.Array(
      Type.Object(
        { stream: requestId, seq: Type.Integer({ minimum: 0, maximum: 0xffff_ffff }) },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 16 },
    ),
  },
  { additionalProperties: false },
)
export type Ack = Static<typeof Ack>

export const ClientMessage = Type.Union([Watch, View, Close, Ack])
export type ClientMessage = Static<typeof ClientMessage>

export type CloseReason = 'closed-by-client' | 'session-ended' | 'right-lost' | 'server-stopping'

export type ServerMessage =
  | {
      op: 'hello'
      /** Changes with each start of the server: after a change, a client forgets what it knew. */
      epoch: string
      serverTime: string
      build: string
      limits: {
        views: number
        bytesInFlight: number
        framesInFlight: number
        /** The longest window of a view of each kind. */
        maxViewByteLength: {
          bytes: number
          wave: number
          pages: number
          spectrum: number
          statistics: number
        }
      }
    }
  | {
      op: 'opened'
      id: number
      stream: number
      kind: View['kind']
      columns: number
      maxFps: number
      sampleRate?: number
    }
  | { op: 'watching'; id: number; board: string }
  | { op: 'event'; id: number; type: 'board'; status: BoardStatus }
  /** Progress of a running transfer, or its end; at most 10 a second for each. */
  | { op: 'event'; id: number; type: 'transfer'; session: string; transfer: Transfer }
  | { op: 'closed'; id: number; reason: CloseReason }
  /** `id` is 0 where the message could not be read. */
  | { op: 'error'; id: number; problem: Problem }
