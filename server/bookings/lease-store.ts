// The leases' table, and that of their members.

import type { Lease, LeaseEndReason, LeaseMember } from '../contract/lease.ts'
import { isUniqueViolation, type Reader, type Transaction } from '../plugins/database/database.ts'
import { checkWay, leaseWays } from './booking-state.ts'

const withMembers = { members: { orderBy: { addedAt: 'asc' } } } as const

type Row = Awaited<ReturnType<typeof findRow>>

function findRow(reader: Reader | Transaction, id: string) {
  return reader.lease.findUniqueOrThrow({ where: { id }, include: withMembers })
}

function toLease(row: Row): Lease {
  const members = row.members.map(({ personId: id, login, name, override }) => ({
    id,
    login,
    name,
    override,
  }))
  return {
    id: row.id,
    board: row.board,
    booking: row.bookingId,
    holder: row.holder,
    holderName: row.holderName,
    state: row.state,
    startedAt: row.startedAt.toISOString(),
    endsAt: row.endsAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    endReason: row.endReason as LeaseEndReason | null,
    endDetail: row.endDetail,
    members: members.map(({ id }) => id),
    memberDetails: members,
    watchable: row.watchable,
  }
}

export async function readLease(reader: Reader | Transaction, id: string): Promise<Lease | null> {
  const row = await reader.lease.findUnique({ where: { id }, include: withMembers })
  return row && toLease(row)
}

/** The lease that has the board now: active or ending. */
export async function readLeaseOf(
  reader: Reader | Transaction,
  board: string,
): Promise<Lease | null> {
  const row = await reader.lease.findUnique({
    where: { activeBoard: board },
    include: withMembers,
  })
  return row && toLease(row)
}

export async function readLiveLeases(reader: Reader): Promise<Lease[]> {
  const rows = await reader.lease.findMany({
    where: { activeBoard: { not: null } },
    include: withMembers,
  })
  return rows.map(toLease)
}

/** Null when the board has a lease already: the database refuses a second one. */
export async function addLease(
  tx: Transaction,
  lease: {
    board: string
    bookingId: string
    holder: string
    holderName: string
    startedAt: Date
    endsAt: Date
  },
): Promise<Lease | null> {
  try {
    const data = { ...lease, state: 'active', activeBoard: lease.board } as const
    return toLease(await tx.lease.create({ data, include: withMembers }))
  } catch (error) {
    if (isUniqueViolation(error)) return null
    throw error
  }
}

export async function setLeaseEnding(
  tx: Transaction,
  { id, state }: Lease,
  end: { reason: LeaseEndReason; detail?: string },
): Promise<Lease> {
  checkWay(leaseWays, state, 'ending')
  const data = { state: 'ending', endReason: end.reason, endDetail: end.detail ?? null } as const
  return toLease(await tx.lease.update({ where: { id }, data, include: withMembers }))
}

export async function setLeaseEnded(
  tx: Transaction,
  { id, state }: Lease,
  endedAt: Date,
): Promise<Lease> {
  checkWay(leaseWays, state, 'ended')
  const data = { state: 'ended', endedAt, activeBoard: null } as const
  return toLease(await tx.lease.update({ where: { id }, data, include: withMembers }))
}

/** It goes on until then; with `booking`, as the time of that one. */
export async function setLeaseEnd(
  tx: Transaction,
  id: string,
  to: { endsAt: Date; booking?: string },
): Promise<Lease> {
  const data = { endsAt: to.endsAt, ...(to.booking ? { bookingId: to.booking } : {}) }
  return toLease(await tx.lease.update({ where: { id }, data, include: withMembers }))
}

export async function setWatchable(
  tx: Transaction,
  id: string,
  watchable: boolean,
): Promise<Lease> {
  return toLease(
    await tx.lease.update({ where: { id }, data: { watchable }, include: withMembers }),
  )
}

/** These are the members from now on. */
export async function setMembers(
  tx: Transaction,
  leaseId: string,
  members: readonly LeaseMember[],
  addedAt: Date,
): Promise<Lease> {
  await tx.leaseMember.deleteMany({
    where: { leaseId, personId: { notIn: members.map(({ id }) => id) } },
  })
  for (const { id: personId, login, name, override } of members) {
    await tx.leaseMember.upsert({
      where: { leaseId_personId: { leaseId, personId } },
      create: { leaseId, personId, login, name, override, addedAt },
      update: { login, name, override },
    })
  }
  return toLease(await findRow(tx, leaseId))
}
