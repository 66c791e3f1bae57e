// The log's table.

import type { Transaction } from '../plugins/database/database.ts'

export interface StoredEvent {
  seq: number
  payload: string
  at: Date
  type: string
  actor: string
  board: string | undefined
  session: string | undefined
}

/** 0 while the log is empty. Right within a write transaction only, where nobody else appends. */
export async function lastSequence(tx: Transaction): Promise<number> {
  const last = await tx.auditEvent.findFirst({ orderBy: { seq: 'desc' }, select: { seq: true } })
  return last?.seq ?? 0
}

export async function appendEvent(tx: Transaction, event: StoredEvent): Promise<void> {
  const { board, session, ...rest } = event
  await tx.auditEvent.create({ data: { ...rest, board: board ?? null, session: session ?? null } })
}
