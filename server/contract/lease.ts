// Leases: the right to control a board now.

import Type, { type Static } from 'typebox'
import { BoardId, Id, Nullable, Time } from './schema.ts'

export const LeaseState = Type.Enum(['active', 'ending', 'ended'])
export type LeaseState = Static<typeof LeaseState>

export const LeaseEndReason = Type.Enum(['released', 'expired'])
export type LeaseEndReason = Static<typeof LeaseEndReason>

export const Lease = Type.Object({
  id: Id,
  board: BoardId,
  holder: Type.String(),
  holderName: Type.String(),
  state: LeaseState,
  startedAt: Time,
  endsAt: Time,
  endedAt: Nullable(Time),
  endReason: Nullable(LeaseEndReason),
  members: Type.Array(Type.String()),
})
export type Lease = Static<typeof Lease>
