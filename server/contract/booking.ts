// Bookings: planned intervals of boards. Policy, queue and calendar go with them.

import Type, { type Static } from 'typebox'
import { policyLimits, seriesLimits } from './limits.ts'
import { BoardId, Id, Nullable, PageQuery, Reason, Time } from './schema.ts'

/** A booking is a person's, or the lab's own: maintenance, during which nobody gets the board. */
export const BookingKind = Type.Enum(['booking', 'maintenance'])
export type BookingKind = Static<typeof BookingKind>

export const BookingState = Type.Enum(['held', 'confirmed', 'over', 'missed', 'cancelled'], {
  description:
    'held: an offer of the queue that waits for its person; over: its time or its lease has ended; missed: nobody came',
})
export type BookingState = Static<typeof BookingState>

export const Booking = Type.Object({
  id: Id,
  board: BoardId,
  kind: BookingKind,
  owner: Type.String(),
  ownerName: Type.String(),
  start: Time,
  end: Time,
  note: Type.String(),
  state: BookingState,
  lease: Nullable(Id),
  series: Nullable(Id),
  claimBy: Nullable(Type.String({ format: 'date-time', description: 'held: until then' })),
  endDetail: Nullable(Type.String({ description: 'why it is missed or cancelled, for people' })),
  createdAt: Time,
  version: Type.Integer({ description: 'the ETag, for If-Match' }),
})
export type Booking = Static<typeof Booking>

const Note = Type.String({ maxLength: 200 })
export const GivenReason = Type.Object({ reason: Reason }, { additionalProperties: false })
export type GivenReason = Static<typeof GivenReason>

export const NewBooking = Type.Object(
  { board: BoardId, start: Time, end: Time, note: Type.Optional(Note) },
  { additionalProperties: false },
)
export type NewBooking = Static<typeof NewBooking>

export const NewSeries = Type.Object(
  {
    ...NewBooking.properties,
    weeks: Type.Integer({
      minimum: seriesLimits.fewestWeeks,
      maximum: seriesLimits.mostWeeks,
      description: 'how often, once a week at the same time of day in the lab’s timezone',
    }),
  },
  { additionalProperties: false },
)
export type NewSeries = Static<typeof NewSeries>

export const Series = Type.Object({ series: Id, bookings: Type.Array(Booking) })
export type Series = Static<typeof Series>

export const BookingChange = Type.Object(
  {
    board: Type.Optional(BoardId),
    start: Type.Optional(Time),
    end: Type.Optional(Time),
    note: Type.Optional(Note),
  },
  { additionalProperties: false, minProperties: 1 },
)
export type BookingChange = Static<typeof BookingChange>

export const BookingQuery = Type.Interface([PageQuery], {
  board: Type.Optional(BoardId),
  from: Type.Optional(
    Type.String({ format: 'date-time', description: 'what ends after it; now if not given' }),
  ),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'what begins before it' })),
  mine: Type.Boolean({ default: false }),
  all: Type.Boolean({ default: false, description: 'also what was cancelled or missed' }),
})
export type BookingQuery = Static<typeof BookingQuery>

export const CancelQuery = Type.Object({
  following: Type.Boolean({ default: false, description: 'of a series: this one and all later' }),
  reason: Type.Optional(Reason),
})

export const NewMaintenance = Type.Object(
  {
    start: Type.Optional(Type.String({ format: 'date-time', description: 'now if not given' })),
    end: Time,
    reason: Reason,
    cancel: Type.Boolean({
      default: false,
      description: 'what is in the way is cancelled; otherwise it is listed and nothing is done',
    }),
  },
  { additionalProperties: false },
)
export type NewMaintenance = Static<typeof NewMaintenance>

const rules = {
  defaultMinutes: Type.Integer({ ...policyLimits.minutes, description: 'of "use now"' }),
  longestMinutes: Type.Integer({ ...policyLimits.minutes }),
  horizonDays: Type.Integer({ ...policyLimits.horizonDays, description: 'how far ahead' }),
  concurrentBookings: Type.Integer({
    ...policyLimits.concurrentBookings,
    description: 'planned or running, for each person',
  }),
  weeklyHours: Type.Integer({
    ...policyLimits.weeklyHours,
    description: 'for each person, Monday to Sunday in the lab’s timezone',
  }),
}

export const PolicyRules = Type.Object(rules, { additionalProperties: false })
export type PolicyRules = Static<typeof PolicyRules>

export const Policy = Type.Object({
  timezone: Type.String({ description: 'IANA name, e.g. Europe/Berlin' }),
  ...rules,
  boards: Type.Record(BoardId, Type.Partial(PolicyRules), {
    description:
      'what is otherwise for a board; bookings and hours are counted on that board alone',
  }),
  version: Type.Integer({ description: 'the ETag, for If-Match' }),
})
export type Policy = Static<typeof Policy>

export const PolicyChange = Type.Object(
  {
    timezone: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })),
    ...Type.Partial(PolicyRules).properties,
    boards: Type.Optional(
      Type.Record(
        BoardId,
        Type.Union([Type.Partial(PolicyRules, { additionalProperties: false }), Type.Null()]),
        { description: 'replaces what is otherwise for each board named; null: nothing is' },
      ),
    ),
  },
  { additionalProperties: false, minProperties: 1 },
)
export type PolicyChange = Static<typeof PolicyChange>

export const QueueState = Type.Enum(['waiting', 'offered', 'ended'])
export type QueueState = Static<typeof QueueState>

/** Somebody who waits for a board, or for any board that has all of the tags. */
export const QueueEntry = Type.Object({
  id: Id,
  person: Type.String(),
  personName: Type.String(),
  board: Nullable(BoardId),
  tags: Type.Array(Type.String()),
  state: QueueState,
  joinedAt: Time,
  place: Type.Integer({ minimum: 1, description: '1 is next; for tags, on the quickest board' }),
  estimate: Nullable(
    Type.String({ format: 'date-time', description: 'when its turn may come, if nobody leaves' }),
  ),
  offer: Nullable(Booking),
})
export type QueueEntry = Static<typeof QueueEntry>

export const JoinQueue = Type.Object(
  {
    tags: Type.Array(Type.String({ minLength: 1, maxLength: 40 }), {
      minItems: 1,
      maxItems: 16,
      uniqueItems: true,
    }),
  },
  { additionalProperties: false },
)
export type JoinQueue = Static<typeof JoinQueue>

export const CalendarFeed = Type.Object({
  path: Type.String({
    description: 'to put behind the address of the lab, in one’s own calendar program',
  }),
})
export type CalendarFeed = Static<typeof CalendarFeed>

/** Whether there is an address; what it is was told when it was made. */
export const CalendarFeedState = Type.Object({
  exists: Type.Boolean(),
  createdAt: Nullable(Time),
})
export type CalendarFeedState = Static<typeof CalendarFeedState>
