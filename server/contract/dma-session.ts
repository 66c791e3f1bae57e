// DMA sessions (the recorded life of one DMA lock) and their transfers.

import Type, { type Static } from 'typebox'
import { type DmaOptionName, directions, dmaOptions, lockKinds } from './dma-options.ts'
import { maxLockByteLength, maxVerifyByteLength } from './limits.ts'
import { Address, BoardId, ByteLength, Id, Nullable, PageQuery, Time } from './schema.ts'

export const DirectionSchema = Type.Enum([...directions])
export const DmaOption = Type.Enum(Object.keys(dmaOptions) as DmaOptionName[])

export const LockRequest = Type.Object(
  {
    kind: Type.Enum([...lockKinds]),
    byteLength: Type.Integer({
      minimum: 0,
      maximum: maxLockByteLength,
      description: 'bytes; one lock is below 4 GiB',
    }),
    direction: Type.Optional(DirectionSchema),
    options: Type.Array(DmaOption, { maxItems: 16, uniqueItems: true, default: [] }),
    maxPages: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1_048_576, description: 'with LARGE_BUFFER only' }),
    ),
    addressWidth: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 64,
        description:
          'contiguous only: bits that a device address may have; sets KBUF_ALLOC_SPECIFY_ADDRESS_WIDTH',
      }),
    ),
    label: Type.String({ maxLength: 80, default: '' }),
  },
  { additionalProperties: false },
)
export type LockRequest = Static<typeof LockRequest>

export const SessionState = Type.Enum(['requested', 'locked', 'ended', 'failed'])
export type SessionState = Static<typeof SessionState>

export const SessionEndReason = Type.Enum([
  'unlocked',
  'lease-ended',
  'lease-revoked',
  'board-fault',
  'host-restarted',
  'shutdown',
])
export type SessionEndReason = Static<typeof SessionEndReason>

/** Why a lock or a transfer failed, as its caller was told. */
export const Failure = Type.Object({
  code: Type.String(),
  detail: Type.String(),
  wdStatus: Nullable(Type.String()),
})
export type Failure = Static<typeof Failure>

export const DmaPage = Type.Object({ address: Address, byteLength: ByteLength })
export type DmaPage = Static<typeof DmaPage>

export const TransferMode = Type.Enum(['once', 'cyclic'])
export type TransferMode = Static<typeof TransferMode>
export const TransferState = Type.Enum(['running', 'done', 'stopped', 'failed'])
export type TransferState = Static<typeof TransferState>

export const TransferRequest = Type.Object(
  {
    channel: Type.String({ maxLength: 8 }),
    mode: TransferMode,
    offset: Type.Integer({ minimum: 0, maximum: maxLockByteLength, default: 0 }),
    byteLength: Type.Integer({ minimum: 1, maximum: maxLockByteLength }),
    deviceAddress: Type.Optional(Address),
    blockByteLength: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: maxLockByteLength,
        description: 'cyclic: bytes between two completions; divides byteLength',
      }),
    ),
    timeoutMs: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 86_400_000,
        description: 'once: fails with WD_TIME_OUT_EXPIRED',
      }),
    ),
  },
  { additionalProperties: false },
)
export type TransferRequest = Static<typeof TransferRequest>

export const Transfer = Type.Object({
  n: Type.Integer({ description: '1, 2, 3 … within the session' }),
  state: TransferState,
  channel: Type.String(),
  mode: TransferMode,
  offset: ByteLength,
  byteLength: ByteLength,
  deviceAddress: Nullable(Address),
  blockByteLength: Nullable(ByteLength),
  bytesCompleted: ByteLength,
  blocksCompleted: Type.Integer(),
  overruns: Type.Integer({
    description: 'how often data was lost: the board dropped frames, or the ring was lapped',
  }),
  refusedAccesses: Type.Integer({
    description:
      'accesses of the channel that the IOMMU refused meanwhile: what a refused write carried is missing, though the transfer is done',
  }),
  /** When the engine was started and was idle again; of a transfer that never started, when it was asked for and refused. */
  startedAt: Time,
  endedAt: Nullable(Time),
  failure: Nullable(Failure),
})
export type Transfer = Static<typeof Transfer>

export const VerifyRequest = Type.Object(
  {
    out: Type.String({ maxLength: 8, description: 'a channel to the memory of the board' }),
    in: Type.String({ maxLength: 8, description: 'a channel from it' }),
    offset: Type.Integer({ minimum: 0, maximum: maxLockByteLength, default: 0 }),
    byteLength: Type.Integer({ minimum: 1, maximum: maxVerifyByteLength }),
    deviceAddress: Address,
    pattern: Type.Enum(['prbs31', 'random', 'counter'], { default: 'prbs31' }),
    seed: Type.Integer({ minimum: 0, maximum: maxLockByteLength, default: 1 }),
    timeoutMs: Type.Integer({
      minimum: 1,
      maximum: 60_000,
      default: 10_000,
      description: 'for each of the two transfers',
    }),
  },
  { additionalProperties: false },
)
export type VerifyRequest = Static<typeof VerifyRequest>

export const Verification = Type.Object({
  /** The two transfers, both done. */
  out: Transfer,
  in: Transfer,
  errors: Type.Object({
    ranges: Type.Integer({ description: 'runs of bytes that came back changed, or not at all' }),
    byteLength: Type.Integer({ description: 'of all of them together' }),
    first: Type.Array(
      Type.Object({
        offset: ByteLength,
        byteLength: ByteLength,
        expected: Type.String({ description: 'hexadecimal, at most 16 bytes' }),
        got: Type.String(),
      }),
      { maxItems: 100, description: 'in the order in which they lie in the lock' },
    ),
  }),
})
export type Verification = Static<typeof Verification>

export const DmaSession = Type.Object({
  id: Id,
  board: BoardId,
  lease: Id,
  owner: Type.String(),
  ownerName: Type.String(),
  label: Type.String(),
  state: SessionState,
  kind: Type.Enum([...lockKinds]),
  byteLength: ByteLength,
  direction: DirectionSchema,
  options: Type.Array(DmaOption),
  addressWidth: Nullable(
    Type.Integer({ description: 'with KBUF_ALLOC_SPECIFY_ADDRESS_WIDTH: the bits asked for' }),
  ),
  addressKind: Nullable(Type.Enum(['iova', 'physical'])),
  pageCount: Nullable(Type.Integer()),
  pages: Type.Array(DmaPage),
  requestedAt: Time,
  lockedAt: Nullable(Time),
  endedAt: Nullable(Time),
  endReason: Nullable(SessionEndReason),
  failure: Nullable(Failure),
  /** How many transfers it has had, and the newest of them, newest first. */
  transferCount: Type.Integer(),
  transfers: Type.Array(Transfer),
})
export type DmaSession = Static<typeof DmaSession>

/** One entry of the sessions list: without its pages. */
export const DmaSessionSummary = Type.Omit(DmaSession, ['pages'])
export type DmaSessionSummary = Static<typeof DmaSessionSummary>

export const SessionQuery = Type.Interface([PageQuery], {
  board: Type.Optional(BoardId),
  owner: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  state: Type.Optional(SessionState),
  endReason: Type.Optional(SessionEndReason),
  label: Type.Optional(
    Type.String({ minLength: 1, maxLength: 80, description: 'a part of it, in any case' }),
  ),
  from: Type.Optional(Time),
  to: Type.Optional(Time),
})

export const SyncRequest = Type.Object(
  { for: Type.Enum(['device', 'cpu']) },
  { additionalProperties: false },
)

export const FillRequest = Type.Object(
  {
    pattern: Type.Enum(['zero', 'counter', 'prbs31', 'random']),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: maxLockByteLength, default: 1 })),
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: maxLockByteLength })),
    byteLength: Type.Optional(Type.Integer({ minimum: 1, maximum: maxLockByteLength })),
  },
  { additionalProperties: false },
)
export type FillRequest = Static<typeof FillRequest>
