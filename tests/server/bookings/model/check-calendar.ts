// What must be true of the tables at any time, whoever asked for what.

import { expect } from 'vitest'
import { overlap, slotsOf } from '../../../../server/bookings/slots.ts'
import type { Transaction } from '../../../../server/plugins/database/database.ts'

/** In a transaction, so that all of it is of one moment. */
export async function checkCalendar(reader: Transaction): Promise<void> {
  const live = await reader.booking.findMany({
    where: { state: { in: ['held', 'confirmed'] } },
    include: { slots: true },
  })
  for (const booking of live) {
    const interval = { start: booking.start.getTime(), end: booking.end.getTime() }
    const slots = booking.slots.map(({ start }) => start.getTime()).sort((a, b) => a - b)
    expect(slots, `slots of a live booking`).toEqual(slotsOf(interval))
    for (const other of live) {
      if (other.id <= booking.id || other.board !== booking.board) continue
      const theirs = { start: other.start.getTime(), end: other.end.getTime() }
      expect(overlap(interval, theirs), 'live bookings overlap').toBe(false)
    }
  }
  await checkLeases(reader, new Map(live.map((one) => [one.id, one])))
  for (const entry of await reader.queueEntry.findMany({ where: { state: { not: 'ended' } } })) {
    const offer = live.find(({ id }) => id === entry.bookingId)
    expect(offer?.state, 'the offer of somebody who waits').toBe(
      entry.state === 'offered' ? 'held' : undefined,
    )
  }
}

async function checkLeases(
  reader: Transaction,
  live: Map<string, { owner: string; board: string; end: Date; state: string }>,
): Promise<void> {
  const leases = await reader.lease.findMany({ orderBy: { id: 'asc' } })
  const boards = new Map((await reader.board.findMany()).map((row) => [row.id, row.state]))
  for (const lease of leases.filter(({ state }) => state === 'active')) {
    const booking = live.get(lease.bookingId ?? '')
    expect(booking, 'the booking of an active lease').toMatchObject({
      owner: lease.holder,
      board: lease.board,
      end: lease.endsAt,
      state: 'confirmed',
    })
    expect(['leased', 'offline', 'quarantined']).toContain(boards.get(lease.board))
  }
  for (const [index, lease] of leases.entries()) {
    for (const later of leases.slice(index + 1)) {
      if (later.board !== lease.board) continue
      expect(lease.endedAt, 'a lease began while another was there').not.toBeNull()
      expect(lease.endedAt?.getTime()).toBeLessThanOrEqual(later.startedAt.getTime())
    }
  }
}
