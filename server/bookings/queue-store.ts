// The waiting lines' table.

import type { QueueState } from '../contract/booking.ts'
import type { Reader, Transaction } from '../plugins/database/database.ts'
import { checkWay, queueWays } from './booking-state.ts'

export interface QueueRow {
  id: string
  person: string
  personName: string
  /** Null: any board that has all of the tags. */
  board: string | null
  tags: string[]
  state: QueueState
  joinedAt: Date
  bookingId: string | null
}

const alive = { in: ['waiting', 'offered'] satisfies QueueState[] as QueueState[] }

type Row = Omit<QueueRow, 'tags'> & { tags: unknown }

const toRow = ({ tags, ...row }: Row): QueueRow => ({ ...row, tags: tags as string[] })

/** First come first: ids sort by time. */
export async function readLine(
  reader: Reader | Transaction,
  where: { person?: string } = {},
): Promise<QueueRow[]> {
  const rows = await reader.queueEntry.findMany({
    where: { ...where, state: alive },
    orderBy: { id: 'asc' },
  })
  return rows.map(toRow)
}

export async function readEntry(
  reader: Reader | Transaction,
  where: { id: string } | { bookingId: string },
): Promise<QueueRow | null> {
  const row = await reader.queueEntry.findUnique({ where })
  return row && toRow(row)
}

export async function addEntry(
  tx: Transaction,
  entry: Pick<QueueRow, 'person' | 'personName' | 'board' | 'tags' | 'joinedAt'>,
): Promise<QueueRow> {
  return toRow(await tx.queueEntry.create({ data: { ...entry, state: 'waiting' } }))
}

export async function setEntry(
  tx: Transaction,
  entry: QueueRow,
  to:
    | { state: 'offered'; bookingId: string }
    | { state: 'waiting' }
    | { state: 'ended'; reason: string },
): Promise<void> {
  checkWay(queueWays, entry.state, to.state)
  await tx.queueEntry.update({
    where: { id: entry.id },
    data: {
      state: to.state,
      ...(to.state === 'offered' ? { bookingId: to.bookingId } : {}),
      ...(to.state === 'waiting' ? { bookingId: null } : {}),
      ...(to.state === 'ended' ? { endReason: to.reason } : {}),
    },
  })
}
