// The record over HTTP: events, checkpoints, exports.

import Type, { type Static } from 'typebox'
import { BoardId, Id, Nullable, Time } from './schema.ts'

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
  session: Type.Optional(Id),
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

export const CheckpointStatus = Type.Object({
  origin: Type.String({ description: 'the log’s name' }),
  key: Type.String({ description: 'verifier key of a signed note: name+hash+base64' }),
  size: Type.Integer({ minimum: 0, description: 'events in the log now' }),
  checkpoint: Nullable(
    Type.Object({
      size: Type.Integer({ description: 'events that it covers' }),
      at: Time,
      note: Type.String({ description: 'the signed note: keep it outside this server' }),
    }),
  ),
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
