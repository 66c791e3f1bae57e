// The bookings' table and that of their slots.

import type { Booking, BookingState } from '../contract/booking.ts'
import { isUniqueViolation, type Reader, type Transaction } from '../plugins/database/database.ts'
import { bookingWays, checkWay, liveBookingStates } from './booking-state.ts'
import { firstFreedSlot, type Interval, slotsOf } from './slots.ts'

const withLease = { lease: { select: { id: true } } } as const
const live = { in: [...liveBookingStates] }

type Row = Awaited<ReturnType<typeof findRow>>

function findRow(reader: Reader | Transaction, id: string) {
  return reader.booking.findUniqueOrThrow({ where: { id }, include: withLease })
}

export function toBooking(row: Row): Booking {
  return {
    id: row.id,
    board: row.board,
    kind: row.kind,
    owner: row.owner,
    ownerName: row.ownerName,
    start: row.start.toISOString(),
    end: row.end.toISOString(),
    note: row.note,
    state: row.state,
    lease: row.lease?.id ?? null,
    series: row.series,
    claimBy: row.claimBy?.toISOString() ?? null,
    endDetail: row.endDetail,
    createdAt: row.createdAt.toISOString(),
    version: row.version,
  }
}

const within = ({ start, end }: Interval) => ({
  start: { lt: new Date(end) },
  end: { gt: new Date(start) },
})

export async function readBooking(
  reader: Reader | Transaction,
  id: string,
): Promise<Booking | null> {
  const row = await reader.booking.findUnique({ where: { id }, include: withLease })
  return row && toBooking(row)
}

/** Held and confirmed bookings that touch the interval, by their start. */
export async function readLive(
  reader: Reader | Transaction,
  where: { board?: string; owner?: string; series?: string },
  interval: Interval,
  take?: number,
): Promise<Booking[]> {
  const rows = await reader.booking.findMany({
    where: { ...where, ...within(interval), state: live },
    include: withLease,
    orderBy: [{ start: 'asc' }, { id: 'asc' }],
    ...(take === undefined ? {} : { take }),
  })
  return rows.map(toBooking)
}

/** Of each board the first ones of those that are on or come, by their start. */
export async function readUpcoming(reader: Reader, at: number, take: number): Promise<Booking[]> {
  const ids = await reader.$queryRaw<{ id: string }[]>`
    SELECT id FROM (
      SELECT id, ROW_NUMBER() OVER (PARTITION BY board ORDER BY start, id) AS place
      FROM Booking
      WHERE state IN ('held', 'confirmed') AND "end" > ${new Date(at)}
    ) AS placed
    WHERE place <= ${take}`
  if (ids.length === 0) return []
  const rows = await reader.booking.findMany({
    where: { id: { in: ids.map(({ id }) => id) } },
    include: withLease,
    orderBy: [{ start: 'asc' }, { id: 'asc' }],
  })
  return rows.map(toBooking)
}

/** Held and confirmed bookings that have begun by then, also those whose time is over. */
export async function readBegun(reader: Reader | Transaction, at: number): Promise<Booking[]> {
  const rows = await reader.booking.findMany({
    where: { state: live, start: { lte: new Date(at) } },
    include: withLease,
    orderBy: { start: 'asc' },
  })
  return rows.map(toBooking)
}

/** Of a person: everything but what was cancelled in the interval, and what is live whenever it is. */
export async function readShare(
  tx: Transaction,
  owner: string,
  interval: Interval,
): Promise<Booking[]> {
  const rows = await tx.booking.findMany({
    where: {
      owner,
      kind: 'booking',
      OR: [{ state: live }, { state: { not: 'cancelled' }, ...within(interval) }],
    },
    include: withLease,
  })
  return rows.map(toBooking)
}

export interface CalendarFilter {
  limit: number
  cursor?: string
  board?: string
  owner?: string
  from: Date
  to?: Date
  all: boolean
}

/** By their start; the cursor is the last one of the page before. */
export async function readCalendar(
  reader: Reader,
  { limit, cursor, board, owner, from, to, all }: CalendarFilter,
): Promise<{ items: Booking[]; next: string | null }> {
  const rows = await reader.booking.findMany({
    where: {
      ...(board ? { board } : {}),
      ...(owner ? { owner } : {}),
      ...(all ? {} : { state: { in: [...liveBookingStates, 'over'] } }),
      end: { gt: from },
      ...(to ? { start: { lt: to } } : {}),
    },
    include: withLease,
    orderBy: [{ start: 'asc' }, { id: 'asc' }],
    ...(cursor ? { cursor: { id: cursor }, skip: 1 } : {}),
    take: limit + 1,
  })
  const items = rows.slice(0, limit).map(toBooking)
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
}

export interface NewBookingRow {
  board: string
  kind?: Booking['kind']
  owner: string
  ownerName: string
  interval: Interval
  note?: string
  state: 'held' | 'confirmed'
  claimBy?: number
  series?: string
  createdAt: number
}

/** Null when somebody has one of its slots: the database refuses a second one. */
export async function addBooking(
  tx: Transaction,
  { interval, claimBy, createdAt, ...rest }: NewBookingRow,
): Promise<Booking | null> {
  const row = await tx.booking.create({
    data: {
      ...rest,
      start: new Date(interval.start),
      end: new Date(interval.end),
      claimBy: claimBy === undefined ? null : new Date(claimBy),
      createdAt: new Date(createdAt),
    },
    include: withLease,
  })
  if (await takeSlots(tx, row.id, rest.board, slotsOf(interval))) return toBooking(row)
  await tx.booking.delete({ where: { id: row.id } })
  return null
}

async function takeSlots(
  tx: Transaction,
  bookingId: string,
  board: string,
  starts: number[],
): Promise<boolean> {
  try {
    await tx.bookingSlot.createMany({
      data: starts.map((start) => ({ board, start: new Date(start), bookingId })),
    })
    return true
  } catch (error) {
    if (isUniqueViolation(error)) return false
    throw error
  }
}

/** Another time, board or note. Null when somebody has one of the new slots; the caller must roll back then. */
export async function moveBooking(
  tx: Transaction,
  id: string,
  to: { board: string; interval: Interval; note?: string },
): Promise<Booking | null> {
  await tx.bookingSlot.deleteMany({ where: { bookingId: id } })
  if (!(await takeSlots(tx, id, to.board, slotsOf(to.interval)))) return null
  const row = await tx.booking.update({
    where: { id },
    data: {
      board: to.board,
      start: new Date(to.interval.start),
      end: new Date(to.interval.end),
      ...(to.note === undefined ? {} : { note: to.note }),
      version: { increment: 1 },
    },
    include: withLease,
  })
  return toBooking(row)
}

/** A claimed offer is a booking like any other. */
export async function confirmBooking(tx: Transaction, booking: Booking): Promise<void> {
  checkWay(bookingWays, booking.state, 'confirmed')
  await tx.booking.update({
    where: { id: booking.id },
    data: { state: 'confirmed', claimBy: null, version: { increment: 1 } },
  })
}

/** Its slots are free from the one that is on; of what was in use, or had begun, the end is when that was. */
export async function endBooking(
  tx: Transaction,
  booking: Booking,
  { state, at, detail }: { state: 'over' | 'missed' | 'cancelled'; at: number; detail?: string },
): Promise<Booking> {
  checkWay<BookingState>(bookingWays, booking.state, state)
  const start = Date.parse(booking.start)
  const begun = start < at
  const cut = (begun || state !== 'cancelled') && Date.parse(booking.end) > at
  const freedFrom = new Date(firstFreedSlot(at))
  await tx.bookingSlot.deleteMany({
    where: { bookingId: booking.id, ...(begun ? { start: { gte: freedFrom } } : {}) },
  })
  const row = await tx.booking.update({
    where: { id: booking.id },
    data: {
      state,
      endDetail: detail ?? null,
      claimBy: null,
      ...(cut ? { end: new Date(Math.max(start, at)) } : {}),
      version: { increment: 1 },
    },
    include: withLease,
  })
  return toBooking(row)
}

/** Persons who have bookings, leases or places in a queue that their role or account does not allow any more. */
export async function readBarred(reader: Reader): Promise<string[]> {
  const rows = await reader.$queryRaw<{ id: string }[]>`
    SELECT id FROM Person
    WHERE (disabledAt IS NOT NULL OR role NOT IN ('operator', 'admin'))
      AND (id IN (SELECT owner FROM Booking WHERE state IN ('held', 'confirmed') AND kind = 'booking')
        OR id IN (SELECT holder FROM Lease WHERE state = 'active')
        OR id IN (SELECT person FROM QueueEntry WHERE state IN ('waiting', 'offered')))`
  return rows.map(({ id }) => id)
}
