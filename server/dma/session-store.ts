// The DMA sessions' table, and the transfers' with it.

import { Prisma } from '../../prisma/generated/sqlite/client.ts'
import type { HostLock } from '../boards/device-host.ts'
import { addressWidthOf, optionBits, optionNames } from '../contract/dma-options.ts'
import type {
  DmaSession,
  DmaSessionSummary,
  Failure,
  SessionEndReason,
} from '../contract/dma-session.ts'
import type { Reader, Transaction } from '../plugins/database/database.ts'
import { type TransferRow, toTransfer } from './transfer-store.ts'

/** How many transfers a session shows; GET …/transfers pages through all. */
const shownTransfers = 20

const withTransfers = {
  transfers: { orderBy: { n: 'desc' }, take: shownTransfers },
  _count: { select: { transfers: true } },
} as const

type SessionRow = Awaited<ReturnType<typeof findRow>>

function findRow(reader: Reader | Transaction, id: string) {
  return reader.dmaSession.findUniqueOrThrow({ where: { id }, include: withTransfers })
}

function toSession(row: SessionRow): DmaSession {
  return {
    id: row.id,
    board: row.board,
    lease: row.leaseId,
    owner: row.owner,
    ownerName: row.ownerName,
    label: row.label,
    state: row.state,
    kind: row.kind,
    byteLength: Number(row.byteLength),
    direction: row.direction,
    options: optionNames(row.options),
    addressWidth: addressWidthOf(row.options),
    addressKind: row.addressKind,
    pageCount: row.pageCount,
    pages: (row.pages ?? []) as DmaSession['pages'],
    requestedAt: row.requestedAt.toISOString(),
    lockedAt: row.lockedAt?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
    endReason: row.endReason as SessionEndReason | null,
    failure: row.failure as Failure | null,
    transferCount: row._count.transfers,
    transfers: row.transfers.map((transfer: TransferRow) => toTransfer(transfer)),
  }
}

function toSummary(row: SessionRow): DmaSessionSummary {
  const { pages: _, ...summary } = toSession(row)
  return summary
}

export interface NewSession {
  board: string
  leaseId: string
  owner: string
  ownerName: string
  label: string
  kind: DmaSession['kind']
  byteLength: number
  direction: DmaSession['direction']
  options: number
  requestedAt: Date
}

export async function addSession(tx: Transaction, session: NewSession): Promise<string> {
  const { id } = await tx.dmaSession.create({
    data: { ...session, byteLength: BigInt(session.byteLength), state: 'requested' },
    select: { id: true },
  })
  return id
}

/** False when the session has ended meanwhile: its lease was over before the lock was made. */
export async function setLocked(
  tx: Transaction,
  id: string,
  lock: HostLock,
  lockedAt: Date,
): Promise<boolean> {
  const { count } = await tx.dmaSession.updateMany({
    where: { id, state: 'requested' },
    data: {
      state: 'locked',
      lockedAt,
      direction: lock.direction,
      options: optionBits(lock.options, lock.addressWidth),
      addressKind: lock.addressKind,
      pageCount: lock.pageCount,
      pages: lock.pages,
    },
  })
  return count === 1
}

/** False when it is over already. A grant may have been written though the database said that it was not. */
export async function setFailed(
  tx: Transaction,
  id: string,
  failure: Failure,
  endedAt: Date,
): Promise<boolean> {
  const { count } = await tx.dmaSession.updateMany({
    where: { id, state: { in: ['requested', 'locked'] } },
    data: { state: 'failed', failure, endedAt },
  })
  return count === 1
}

/** False when it has ended already. */
export async function setEnded(
  tx: Transaction,
  id: string,
  end: { reason: SessionEndReason; at: Date },
): Promise<boolean> {
  const { count } = await tx.dmaSession.updateMany({
    where: { id, state: { in: ['requested', 'locked'] } },
    data: { state: 'ended', endReason: end.reason, endedAt: end.at },
  })
  return count === 1
}

export async function readSession(
  reader: Reader | Transaction,
  id: string,
): Promise<DmaSession | null> {
  const row = await reader.dmaSession.findUnique({ where: { id }, include: withTransfers })
  return row && toSession(row)
}

const live = { in: ['requested', 'locked'] as ('requested' | 'locked')[] }

export async function readLiveSessions(
  reader: Reader | Transaction,
  where: { board?: string } = {},
): Promise<DmaSessionSummary[]> {
  const rows = await reader.dmaSession.findMany({
    where: { ...where, state: live },
    include: withTransfers,
    omit: { pages: true },
    orderBy: { id: 'asc' },
  })
  return rows.map((row) => toSummary({ ...row, pages: null }))
}

export interface SessionFilter {
  limit: number
  cursor?: string
  board?: string
  owner?: string
  state?: DmaSession['state']
  endReason?: SessionEndReason
  /** A part of it, in any case. */
  label?: string
  from?: string
  to?: string
}

/**
 * Newest first: ids sort by time, and the cursor is the last id of the page before. Whatever is asked for is answered by one index
 * that has all of it: without statistics SQLite would go by the board or the owner, and read the rows, which are long.
 */
export async function readSessions(
  reader: Reader,
  { limit, cursor, board, owner, state, endReason, label, from, to }: SessionFilter,
): Promise<{ items: DmaSessionSummary[]; next: string | null }> {
  const { join, sql } = Prisma
  const where = [
    cursor ? sql`id < ${cursor}` : sql`id > ''`,
    ...(board ? [sql`board = ${board}`] : []),
    ...(owner ? [sql`owner = ${owner}`] : []),
    ...(state ? [sql`state = ${state}`] : []),
    ...(endReason ? [sql`endReason = ${endReason}`] : []),
    ...(label ? [sql`instr(lower(label), lower(${label})) > 0`] : []),
    ...(from ? [sql`requestedAt >= ${new Date(from)}`] : []),
    ...(to ? [sql`requestedAt < ${new Date(to)}`] : []),
  ]
  const found = await reader.$queryRaw<{ id: string }[]>`
    SELECT id FROM DmaSession INDEXED BY "DmaSession_search_idx"
    WHERE ${join(where, ' AND ')} ORDER BY id DESC LIMIT ${limit + 1}`
  const rows = await reader.dmaSession.findMany({
    where: { id: { in: found.slice(0, limit).map(({ id }) => id) } },
    include: withTransfers,
    omit: { pages: true },
    orderBy: { id: 'desc' },
  })
  const items = rows.map((row) => toSummary({ ...row, pages: null }))
  return { items, next: found.length > limit ? (items.at(-1)?.id ?? null) : null }
}

/** Bytes and number of live locks that match, for the limits. */
export async function sumLive(
  tx: Transaction,
  where: { board?: string; owner?: string; leaseId?: string } = {},
): Promise<{ byteLength: number; locks: number }> {
  const { _sum, _count } = await tx.dmaSession.aggregate({
    where: { ...where, state: live },
    _sum: { byteLength: true },
    _count: true,
  })
  return { byteLength: Number(_sum.byteLength ?? 0), locks: _count }
}
