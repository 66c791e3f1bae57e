// How far each webhook has been told the record, and what comes next for it.

import type { WebhookEvent } from '../contract/webhook.ts'
import type { Reader, Transaction } from '../plugins/database/database.ts'

export interface CursorRow {
  /** The last event that it has been told, or that was passed over. */
  seq: number
  failures: number
  failingSince: Date | null
  nextAt: Date | null
  lastError: string | null
  lastSuccessAt: Date | null
  passedOver: number
}

export async function readCursor(
  reader: Reader | Transaction,
  name: string,
): Promise<CursorRow | null> {
  const row = await reader.webhookCursor.findUnique({ where: { name } })
  if (!row) return null
  const { name: _, seq, ...rest } = row
  return { ...rest, seq: Number(seq) }
}

export async function addCursor(tx: Transaction, name: string, seq: number): Promise<void> {
  await tx.webhookCursor.create({ data: { name, seq } })
}

export async function changeCursor(
  tx: Transaction,
  name: string,
  change: Partial<CursorRow>,
): Promise<void> {
  await tx.webhookCursor.update({ where: { name }, data: change })
}

/** Of webhooks that the configuration names no more. */
export async function removeOtherCursors(tx: Transaction, names: string[]): Promise<void> {
  await tx.webhookCursor.deleteMany({ where: { name: { notIn: names } } })
}

/** 0 while the log is empty. */
export async function readLastSequence(reader: Reader): Promise<number> {
  const last = await reader.auditEvent.findFirst({
    orderBy: { seq: 'desc' },
    select: { seq: true },
  })
  return last?.seq ?? 0
}

export interface Told {
  after: number
  /** Including it; all, if there is none. */
  to?: number
  events: readonly WebhookEvent[]
}

const toldBy = ({ after, to, events }: Told) => ({
  seq: { gt: after, ...(to === undefined ? {} : { lte: to }) },
  OR: events.map((event) =>
    event.endsWith('*') ? { type: { startsWith: event.slice(0, -1) } } : { type: event },
  ),
})

/** The next events for whoever is told these. */
export function readNextEvents(
  reader: Reader,
  told: Told,
  take: number,
): Promise<{ seq: number; payload: string }[]> {
  return reader.auditEvent.findMany({
    where: toldBy(told),
    orderBy: { seq: 'asc' },
    select: { seq: true, payload: true },
    take,
  })
}

export function countEvents(reader: Reader | Transaction, told: Told): Promise<number> {
  return reader.auditEvent.count({ where: toldBy(told) })
}
