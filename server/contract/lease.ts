// Leases: the right to control a board now.

import Type, { type Static } from 'typebox'
import { mostMembers } from './limits.ts'
import { BoardId, Id, Nullable, Time } from './schema.ts'

export const LeaseState = Type.Enum(['active', 'ending', 'ended'])
export type LeaseState = Static<typeof LeaseState>

export const LeaseEndReason = Type.Enum(['released', 'expired', 'revoked', 'holder-disabled'])
export type LeaseEndReason = Static<typeof LeaseEndReason>

/** Somebody who controls the board too, under their own name. */
export const LeaseMember = Type.Object({
  id: Type.String(),
  /** By which `LeaseMembers` names them. */
  login: Type.String(),
  name: Type.String(),
  override: Nullable(
    Type.String({ description: 'an administrator who made themselves a member: why' }),
  ),
})
export type LeaseMember = Static<typeof LeaseMember>

export const Lease = Type.Object({
  id: Id,
  board: BoardId,
  /** The booking whose time it is; "use now" makes one. */
  booking: Nullable(Id),
  holder: Type.String(),
  holderName: Type.String(),
  state: LeaseState,
  startedAt: Time,
  endsAt: Time,
  endedAt: Nullable(Time),
  endReason: Nullable(LeaseEndReason),
  endDetail: Nullable(Type.String({ description: 'what whoever revoked it said' })),
  members: Type.Array(Type.String()),
  memberDetails: Type.Array(LeaseMember),
  watchable: Type.Boolean({ description: 'everyone signed in may see its bytes' }),
})
export type Lease = Static<typeof Lease>

export const ExtendLease = Type.Object(
  { minutes: Type.Optional(Type.Integer({ minimum: 5, maximum: 480, multipleOf: 5 })) },
  { additionalProperties: false },
)
export type ExtendLease = Static<typeof ExtendLease>

export const LeaseMembers = Type.Object(
  {
    logins: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
      maxItems: mostMembers,
      uniqueItems: true,
    }),
  },
  { additionalProperties: false },
)
export type LeaseMembers = Static<typeof LeaseMembers>

export const LeaseWatching = Type.Object(
  { watchable: Type.Boolean() },
  { additionalProperties: false },
)
