// The leases' table.

import type { Lease, LeaseEndReason } from '../contract/lease.ts'
import { isUniqueViolation, type Reader, type Transaction } from '../plugins/database/database.ts'

interface LeaseRow {
  id: string
  board: string
  holder: string
  holderName: string
  state: Lease['state']
  startedAt: Date
  endsAt: Date
  endedAt: Date | null
  endReason: LeaseEndReason | null
}

function toLease({
  id,
  board,
  holder,
  holderName,
  state,
  startedAt,
  endsAt,
  endedAt,
  endReason,
}: LeaseRow): Lease {
  return {
    id,
    board,
    holder,
    holderName,
    state,
    startedAt: startedAt.toISOString(),
    endsAt: endsAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
    endReason,
    members: [],
  }
}

export async function readLease(reader: Reader | Transaction, id: string): Promise<Lease | null> {
  const row = await reader.lease.findUnique({ where: { id } })
  return row && toLease(row)
}

/** The lease that has the board now: active or ending. */
export async function readLeaseOf(
  reader: Reader | Transaction,
  board: string,
): Promise<Lease | null> {
  const row = await reader.lease.findUnique({ where: { activeBoard: board } })
  return row && toLease(row)
}

export async function readLiveLeases(reader: Reader): Promise<Lease[]> {
  const rows = await reader.lease.findMany({ where: { activeBoard: { not: null } } })
  return rows.map(toLease)
}

/** Null when the board has a lease already: the database refuses a second one. */
export async function addLease(
  tx: Transaction,
  lease: { board: string; holder: string; holderName: string; startedAt: Date; endsAt: Date },
): Promise<Lease | null> {
  try {
    return toLease(
      await tx.lease.create({ data: { ...lease, state: 'active', activeBoard: lease.board } }),
    )
  } catch (error) {
    if (isUniqueViolation(error)) return null
    throw error
  }
}

export async function setLeaseEnding(
  tx: Transaction,
  id: string,
  endReason: LeaseEndReason,
): Promise<Lease> {
  return toLease(await tx.lease.update({ where: { id }, data: { state: 'ending', endReason } }))
}

export async function setLeaseEnded(tx: Transaction, id: string, endedAt: Date): Promise<Lease> {
  const data = { state: 'ended', endedAt, activeBoard: null } as const
  return toLease(await tx.lease.update({ where: { id }, data }))
}
