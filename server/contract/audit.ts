// The record over HTTP: events, checkpoints, exports.

import Type, { type Static } from 'typebox'
import { BoardId, Id, Nullable, Reason, Time } from './schema.ts'

/** `personal`: names and network addresses of people, for administrators and auditors. `addresses`: device addresses, for administrators. */
export const auditPartKinds = ['personal', 'addresses'] as const
export type AuditPartKind = (typeof auditPartKinds)[number]

/** A sequence number of the log, as a cursor. */
const Sequence = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })

export const AuditEventEntry = Type.Object({
  seq: Sequence,
  at: Time,
  type: Type.String(),
  actor: Type.String({ description: 'a person’s id, `system`, or `unknown`' }),
  actorName: Nullable(Type.String({ description: 'as the lab knows them now' })),
  board: Nullable(BoardId),
  session: Nullable(Id),
  request: Nullable(Type.String()),
  detail: Type.Record(Type.String(), Type.Unknown()),
  parts: Type.Array(
    Type.Object({
      kind: Type.Enum([...auditPartKinds]),
      of: Nullable(Type.String()),
      /** Null: erased, or not for who asks. */
      value: Nullable(Type.Record(Type.String(), Type.Unknown())),
    }),
  ),
})
export type AuditEventEntry = Static<typeof AuditEventEntry>

export const AuditQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
  cursor: Type.Optional(Sequence),
  person: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  board: Type.Optional(BoardId),
  session: Type.Optional(
    Type.String({
      format: 'uuid',
      description: 'its events, and the states, steps and faults of its board while it lived',
    }),
  ),
  type: Type.Optional(
    Type.String({
      pattern: '^[a-z][a-z.-]{0,39}(\\*)?$',
      description: 'a type, or its beginning and `*`: `dma.lock.*`',
    }),
  ),
  from: Type.Optional(Time),
  to: Type.Optional(Time),
})
export type AuditQuery = Static<typeof AuditQuery>

export const CheckpointSinkStatus = Type.Object({
  name: Type.String({ description: '`file`, or as pinlab.yaml names it' }),
  size: Nullable(Type.Integer({ description: 'of the last checkpoint that it took' })),
  at: Nullable(Time),
  error: Nullable(Type.String({ description: 'why it did not take the newest one' })),
})
export type CheckpointSinkStatus = Static<typeof CheckpointSinkStatus>

export const CheckpointEntry = Type.Object({
  size: Type.Integer({ description: 'events that it covers' }),
  at: Time,
  note: Type.String({ description: 'the signed note: keep it outside this server' }),
})

export const CheckpointStatus = Type.Object({
  origin: Type.String({ description: 'the log’s name' }),
  key: Type.String({ description: 'verifier key of a signed note: name+hash+base64' }),
  size: Type.Integer({ minimum: 0, description: 'events in the log now' }),
  checkpoint: Nullable(CheckpointEntry),
  sinks: Type.Array(CheckpointSinkStatus),
  damage: Type.Array(
    Type.Object({
      seq: Sequence,
      at: Time,
      type: Type.Enum(['audit.damaged', 'audit.rolled-back']),
      what: Type.String({ description: 'what was found wrong when Pinlab started' }),
    }),
    { description: 'the newest 20, newest first' },
  ),
})
export type CheckpointStatus = Static<typeof CheckpointStatus>

export const ExportQuery = Type.Object({
  format: Type.Enum(['bundle', 'jsonl', 'csv'], { default: 'bundle' }),
  from: Type.Optional(Sequence),
  since: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description:
        'bundle: size of a checkpoint that you hold; proves that this log goes on from it',
    }),
  ),
  session: Type.Optional(Id),
})
export type ExportQuery = Static<typeof ExportQuery>

const closed = { additionalProperties: false }

export const KeyChangeRequest = Type.Object({ reason: Reason }, closed)
export type KeyChangeRequest = Static<typeof KeyChangeRequest>

export const KeyChanged = Type.Object({
  before: Type.String({ description: 'the verifier key until now' }),
  key: Type.String({ description: 'the verifier key from now on: give it to whoever verifies' }),
  statement: Type.String({ description: 'a note with both keys, signed by both' }),
  checkpoint: CheckpointEntry,
})
export type KeyChanged = Static<typeof KeyChanged>

export const PruneRequest = Type.Object(
  {
    before: Type.Union([Time, Sequence], {
      description: 'a time or an event’s number; in whole pieces of 256 events',
    }),
    bundleSha256: Type.String({
      pattern: '^[0-9a-f]{64}$',
      description: 'of the exported bundle that is kept; recorded',
    }),
    reason: Reason,
  },
  closed,
)
export type PruneRequest = Static<typeof PruneRequest>

export const Pruned = Type.Object({
  first: Sequence,
  last: Sequence,
  left: Type.Integer({ minimum: 0, description: 'events that the same request removes next' }),
})
export type Pruned = Static<typeof Pruned>

export const ErasureRequest = Type.Object({ person: Id, reason: Reason }, closed)
export type ErasureRequest = Static<typeof ErasureRequest>

export const Erased = Type.Object({
  person: Id,
  count: Type.Integer({ minimum: 0, description: 'pieces of personal data beside the log' }),
})
export type Erased = Static<typeof Erased>
