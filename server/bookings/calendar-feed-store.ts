// The table of the feeds' secret addresses, and what a feed shows.

import type { Booking } from '../contract/booking.ts'
import type { Reader, Transaction } from '../plugins/database/database.ts'
import { toBooking } from './booking-store.ts'

/** A calendar program reads all of it each time. */
const mostShown = 1000

export interface FeedRow {
  personId: string
  secretHash: string
  createdAt: Date
}

export function readFeed(reader: Reader | Transaction, personId: string): Promise<FeedRow | null> {
  return reader.calendarFeed.findUnique({ where: { personId } })
}

export function readFeedBySecret(reader: Reader, secretHash: string): Promise<FeedRow | null> {
  return reader.calendarFeed.findUnique({ where: { secretHash } })
}

/** The address before it is forgotten. */
export async function writeFeed(tx: Transaction, feed: FeedRow): Promise<void> {
  const { personId, ...rest } = feed
  await tx.calendarFeed.upsert({ where: { personId }, create: feed, update: rest })
}

export async function removeFeed(tx: Transaction, personId: string): Promise<boolean> {
  return (await tx.calendarFeed.deleteMany({ where: { personId } })).count > 0
}

/** A person's bookings that end after it, cancelled ones too; where there are too many, the earliest are left out. */
export async function readShown(reader: Reader, owner: string, after: Date): Promise<Booking[]> {
  const rows = await reader.booking.findMany({
    where: { owner, kind: 'booking', end: { gt: after } },
    include: { lease: { select: { id: true } } },
    orderBy: [{ start: 'desc' }, { id: 'desc' }],
    take: mostShown,
  })
  return rows.map(toBooking).reverse()
}
