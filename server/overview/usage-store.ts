// What usage is counted from, in pieces: a year of a busy lab must not keep others waiting for the database.

import { Prisma } from '../../prisma/generated/sqlite/client.ts'
import type { Reader } from '../plugins/database/database.ts'

const { empty, sql } = Prisma
const pageLength = 2000

interface Span {
  from: Date
  to: Date
}

export interface UsedLock {
  id: string
  board: string
  owner: string
  requestedAt: Date
  lockedAt: Date | null
  endedAt: Date | null
}

/** Sessions that lived in this span, of one person or all. */
export async function* readUsedLocks(
  reader: Reader,
  { from, to }: Span,
  person: string | undefined,
): AsyncGenerator<UsedLock> {
  const own = person === undefined ? empty : sql` AND owner = ${person}`
  let after = ''
  for (;;) {
    const page = await reader.$queryRaw<UsedLock[]>`
      SELECT id, board, owner, requestedAt, lockedAt, endedAt
      FROM DmaSession INDEXED BY "DmaSession_search_idx"
      WHERE id > ${after} AND requestedAt < ${to} AND (endedAt IS NULL OR endedAt > ${from})${own}
      ORDER BY id LIMIT ${pageLength}`
    yield* page
    if (page.length < pageLength) return
    after = page.at(-1)?.id ?? ''
  }
}

/** Bytes of the transfers that ended in this span, by board and owner. */
export async function readMoved(
  reader: Reader,
  { from, to }: Span,
  person: string | undefined,
): Promise<{ board: string; owner: string; byteLength: number }[]> {
  const own = person === undefined ? empty : sql` AND s.owner = ${person}`
  const rows = await reader.$queryRaw<{ board: string; owner: string; moved: bigint | number }[]>`
    SELECT s.board AS board, s.owner AS owner, sum(t.bytesCompleted) AS moved
    FROM Transfer AS t JOIN DmaSession AS s ON s.id = t.sessionId
    WHERE t.endedAt >= ${from} AND t.endedAt < ${to}${own}
    GROUP BY s.board, s.owner`
  return rows.map(({ board, owner, moved }) => ({ board, owner, byteLength: Number(moved) }))
}

export interface UsedLease {
  board: string
  holder: string
  startedAt: Date
  endedAt: Date | null
}

/** Leases that were on in this span, of one person or all. */
export async function* readUsedLeases(
  reader: Reader,
  { from, to }: Span,
  person: string | undefined,
): AsyncGenerator<UsedLease> {
  let after = ''
  for (;;) {
    const page = await reader.lease.findMany({
      where: {
        id: { gt: after },
        startedAt: { lt: to },
        OR: [{ endedAt: null }, { endedAt: { gt: from } }],
        ...(person === undefined ? {} : { holder: person }),
      },
      select: { id: true, board: true, holder: true, startedAt: true, endedAt: true },
      orderBy: { id: 'asc' },
      take: pageLength,
    })
    yield* page
    if (page.length < pageLength) return
    after = page.at(-1)?.id ?? ''
  }
}
