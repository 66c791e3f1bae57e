// Boards as the API shows them.

import Type, { type Static } from 'typebox'
import { TransferMode } from './dma-session.ts'
import { Address, BoardId, ByteLength, Id, Nullable, Time } from './schema.ts'

export const BoardState = Type.Enum([
  'ready',
  'leased',
  'clearing',
  'maintenance',
  'quarantined',
  'offline',
])
export type BoardState = Static<typeof BoardState>

/** What people who wait see while a board is `clearing`. */
export const ClearingStep = Type.Enum([
  'stopping',
  'saving',
  'resetting',
  'unlocking',
  'zeroing',
  'checking',
])
export type ClearingStep = Static<typeof ClearingStep>

export const Channel = Type.Object({
  id: Type.String({ description: 'h2c0, c2h1, ...' }),
  direction: Type.Enum(['h2c', 'c2h']),
  kind: Type.Enum(['memory', 'stream'], { description: 'stream: no device address' }),
  name: Type.String({ description: 'what is behind it, e.g. ADC' }),
  byteLengthMultiple: Type.Integer({
    description: 'transfers and blocks must be a multiple of this',
  }),
  modes: Type.Array(TransferMode, { minItems: 1, description: 'what it can be started as' }),
  deviceByteLength: Nullable(ByteLength),
  deviceBlockByteLength: Type.Integer({
    minimum: 1,
    description: 'what a device address counts: 1 bytes, else blocks of so many bytes (memory)',
  }),
  unavailable: Nullable(
    Type.String({ description: 'why nothing can be started on it, for people; null where it can' }),
  ),
})
export type Channel = Static<typeof Channel>

export const RegisterField = Type.Object({
  name: Type.String(),
  bits: Type.Tuple([Type.Integer(), Type.Integer()], { description: 'highest, lowest' }),
  description: Type.String(),
  values: Type.Optional(
    Type.Record(Type.String(), Type.String(), { description: 'meaning by value' }),
  ),
})
export const Register = Type.Object({
  name: Type.String(),
  barIndex: Type.Integer(),
  offset: Type.Integer(),
  width: Type.Enum([8, 16, 32, 64]),
  access: Type.Enum(['read', 'write', 'readWrite']),
  changesWhenRead: Type.Boolean({ description: 'viewers and polls never read it' }),
  ownedByDriver: Type.Boolean({ description: 'refused to people' }),
  unit: Type.Optional(Type.String()),
  description: Type.String(),
  fields: Type.Array(RegisterField),
})
export type Register = Static<typeof Register>

export const Health = Type.Object({
  ok: Type.Boolean(),
  detail: Type.String(),
  checkedAt: Time,
})
export type Health = Static<typeof Health>

export const FaultKind = Type.Enum(['iommu', 'engine', 'short', 'stall', 'linkLost', 'removed'], {
  description:
    'an access that the IOMMU refused; an engine that stopped at an error; one that was idle before its end; one that did not stop, so that the board was reset; a board that does not answer; one that the system took away',
})
export type FaultKind = Static<typeof FaultKind>

export const ClearQuarantine = Type.Object({
  reason: Type.String({
    minLength: 1,
    maxLength: 200,
    pattern: '\\S',
    description: 'what was done about the board; recorded',
  }),
})
export type ClearQuarantine = Static<typeof ClearQuarantine>

/** Something that a board did wrong; refused accesses of one channel are one fault that counts them. */
export const BoardFault = Type.Object({
  kind: FaultKind,
  at: Time,
  lastAt: Time,
  count: Type.Integer({ minimum: 1 }),
  channel: Nullable(Type.String()),
  address: Nullable(Address),
  /** Of a refused access: the DMA session whose lock is, or lately was, nearest. */
  nearestSession: Nullable(Id),
  detail: Type.String({ description: 'what happened first, for people' }),
})
export type BoardFault = Static<typeof BoardFault>

/** What a person set in pinlab.yaml and what the driver found. */
export const BoardDescription = Type.Object({
  id: BoardId,
  name: Type.String(),
  tags: Type.Array(Type.String()),
  bus: Type.String(),
  address: Nullable(Type.String({ description: 'PCI address; null on a bus without' })),
  driver: Type.String(),
  identity: Nullable(
    Type.Object({ model: Type.String(), version: Type.String(), buildId: Type.String() }),
  ),
  channels: Type.Array(Channel),
  registers: Type.Array(Register),
  addressWidth: Type.Integer({ description: 'bits of a device address' }),
  /** Frames per second and shape of what a stream channel delivers, where the driver knows it. */
  sampleFormat: Nullable(
    Type.Object({
      channel: Type.String(),
      format: Type.String(),
      channels: Type.Integer(),
      stride: Type.Integer(),
      sampleRate: Type.Number(),
    }),
  ),
})
export type BoardDescription = Static<typeof BoardDescription>

const RegisterName = Type.String({ maxLength: 64 })

export const RegisterOperation = Type.Union([
  Type.Object(
    { op: Type.Literal('read'), register: RegisterName },
    { additionalProperties: false },
  ),
  Type.Object(
    { op: Type.Literal('write'), register: RegisterName, value: Address },
    { additionalProperties: false },
  ),
  Type.Object(
    { op: Type.Literal('update'), register: RegisterName, mask: Address, value: Address },
    {
      additionalProperties: false,
      description: 'replaces the bits of the mask, in their place, and leaves the others',
    },
  ),
  Type.Object(
    {
      op: Type.Literal('pollUntil'),
      register: RegisterName,
      mask: Address,
      value: Address,
      timeoutMs: Type.Integer({ minimum: 1, maximum: 10_000 }),
    },
    { additionalProperties: false },
  ),
])
export type RegisterOperation = Static<typeof RegisterOperation>

export const RegisterOperations = Type.Object(
  { operations: Type.Array(RegisterOperation, { minItems: 1, maxItems: 256 }) },
  { additionalProperties: false },
)
/** One result for each operation: the value read, or the value written. */
export const RegisterResults = Type.Object({ values: Type.Array(Address) })
