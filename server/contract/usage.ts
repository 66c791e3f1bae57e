// How much the lab's boards are used, by day and by board or person.

import Type, { type Static } from 'typebox'
import { ByteLength, Nullable } from './schema.ts'

const Day = Type.String({ format: 'date', description: 'a day of the lab’s own timezone' })

export const UsageQuery = Type.Object({
  from: Day,
  to: Type.String({ format: 'date', description: 'the last day, at most 365 after the first' }),
  by: Type.Enum(['board', 'person'], { default: 'board' }),
})
export type UsageQuery = Static<typeof UsageQuery>

const Seconds = Type.Number({ minimum: 0, description: 'seconds' })

export const UsageEntry = Type.Object({
  day: Day,
  key: Nullable(
    Type.String({
      description: 'the board or the person; null: all that are not among the first 50',
    }),
  ),
  sessions: Type.Integer({ description: 'DMA sessions that were asked for on that day' }),
  lockedSeconds: Seconds,
  byteLength: ByteLength,
  leaseSeconds: Seconds,
})
export type UsageEntry = Static<typeof UsageEntry>

export const Usage = Type.Object({
  timezone: Type.String(),
  from: Day,
  to: Day,
  by: Type.Enum(['board', 'person']),
  /** Whoever was used the most comes first. */
  keys: Type.Array(Type.Object({ key: Nullable(Type.String()), name: Type.String() }), {
    maxItems: 51,
  }),
  /** Days and keys without any use are left out. */
  items: Type.Array(UsageEntry),
})
export type Usage = Static<typeof Usage>
