// Reads that span features: a board with its lease and its live sessions.

import Type, { type Static } from 'typebox'
import { BoardDescription, BoardFault, BoardState, ClearingStep, Health } from './board.ts'
import { Booking, QueueEntry } from './booking.ts'
import { DmaSessionSummary } from './dma-session.ts'
import { Lease } from './lease.ts'
import { mostFaults, mostUpcoming, queueLimits } from './limits.ts'
import { ByteLength, Nullable, Time } from './schema.ts'

/** What changes about a board; `watch` sends it whole whenever any of it changed. */
export const BoardStatus = Type.Object({
  board: Type.String(),
  state: BoardState,
  stateSince: Time,
  stateReason: Nullable(
    Type.String({ description: 'why it is quarantined or offline, for people' }),
  ),
  step: Nullable(ClearingStep),
  health: Nullable(Health),
  dirty: Type.Boolean({
    description:
      'the board’s own memory may hold what its last holder left: it could not be cleared',
  }),
  lease: Nullable(Lease),
  bookings: Type.Array(Booking, {
    maxItems: mostUpcoming,
    description: 'the one that is on, and those that come, in the order of their start',
  }),
  queue: Type.Array(QueueEntry, {
    maxItems: queueLimits.perBoard,
    description: 'who waits for this board or one like it, first come first',
  }),
  sessions: Type.Array(DmaSessionSummary, { description: 'locked or requested now, oldest first' }),
  faults: Type.Array(BoardFault, {
    maxItems: mostFaults,
    description: 'newest first, since the lease began',
  }),
  lockedByteLength: ByteLength,
  limits: Type.Object({ lockedByteLength: ByteLength, locks: Type.Integer() }),
})
export type BoardStatus = Static<typeof BoardStatus>

export const BoardSummary = Type.Object({
  ...Type.Pick(BoardDescription, ['id', 'name', 'tags', 'bus', 'address', 'driver']).properties,
  status: BoardStatus,
})
export type BoardSummary = Static<typeof BoardSummary>

export const BoardDetail = Type.Object({ ...BoardDescription.properties, status: BoardStatus })
export type BoardDetail = Static<typeof BoardDetail>

export const ServerHealth = Type.Object({
  ready: Type.Boolean(),
  version: Type.String(),
  host: Type.String(),
  startedAt: Time,
  boards: Type.Object({ total: Type.Integer(), ready: Type.Integer() }),
})
export type ServerHealth = Static<typeof ServerHealth>
