// Finding events among a million. Each search goes by the index that everything it asks for narrows, so it costs the same whether much
// or nothing matches: where a type is not asked for by its whole name, it takes the newest of each type by itself. The names of the
// indexes are given, because without statistics SQLite prefers a range of sequence numbers to one more equal column.

import { Prisma } from '../../prisma/generated/sqlite/client.ts'
import type { Reader } from '../plugins/database/database.ts'
import { segmentLength } from './audit-store.ts'

export interface EventFilter {
  actor?: string | undefined
  board?: string | undefined
  session?: string | undefined
  /** A type, or its beginning and `*`. */
  type?: string | undefined
  from?: Date | undefined
  to?: Date | undefined
  /** Only events before this one. */
  before?: number | undefined
  take: number
}

export interface FoundEvent {
  seq: number
  payload: string
}

const { empty, join, sql } = Prisma
type Sql = Prisma.Sql

/** Newest first. */
export async function findEvents(reader: Reader, filter: EventFilter): Promise<FoundEvent[]> {
  const { session, take } = filter
  const within = await rangeOf(reader, filter)
  if (!within) return []
  const sources = [sequences(filter, within, take)]
  if (session !== undefined) {
    const board = await boardMeanwhile(reader, session, filter, within)
    if (board) sources.push(board)
  }
  const rows = await reader.$queryRaw<FoundEvent[]>`
    SELECT seq, payload FROM AuditEvent
    WHERE seq IN (SELECT seq FROM (${join(sources, ' UNION ')}) ORDER BY seq DESC LIMIT ${take})
    ORDER BY seq DESC`
  return rows.map(({ seq, payload }) => ({ seq: Number(seq), payload }))
}

/** Sequence numbers of what matches, at least the newest `take`. */
function sequences(filter: EventFilter, within: Sql, take: number): Sql {
  const { actor, board, session, type } = filter
  const index = indexFor(filter)
  if (!index) {
    return sql`SELECT * FROM (
      SELECT seq FROM AuditEvent WHERE ${within} ORDER BY seq DESC LIMIT ${take})`
  }
  const equal = [
    sql`type = kinds.type`,
    ...(session === undefined ? [] : [sql`session = ${session}`]),
    ...(actor === undefined ? [] : [sql`actor = ${actor}`]),
    ...(board === undefined ? [] : [sql`board = ${board}`]),
    within,
  ]
  const { begin, end } = typeRange(type)
  return sql`SELECT * FROM (
    WITH RECURSIVE kinds(type) AS (
      SELECT min(type) FROM AuditEvent WHERE type >= ${begin} AND type < ${end}
      UNION ALL
      SELECT (SELECT min(type) FROM AuditEvent WHERE type > kinds.type AND type < ${end})
      FROM kinds WHERE kinds.type IS NOT NULL)
    SELECT found.seq FROM kinds JOIN AuditEvent AS found ON found.seq IN (
      SELECT seq FROM AuditEvent INDEXED BY ${index}
      WHERE ${join(equal, ' AND ')} ORDER BY seq DESC LIMIT ${take}))`
}

function indexFor({ actor, board, session, type }: EventFilter): Sql | null {
  if (session !== undefined) return sql`"AuditEvent_session_type_seq_actor_board_idx"`
  if (actor !== undefined && board !== undefined) {
    return sql`"AuditEvent_actor_board_type_seq_idx"`
  }
  if (actor !== undefined) return sql`"AuditEvent_actor_type_seq_idx"`
  if (board !== undefined) return sql`"AuditEvent_board_type_seq_idx"`
  return type === undefined ? null : sql`"AuditEvent_type_seq_idx"`
}

/** `~` stands behind every character that a type has. */
function typeRange(type = '*'): { begin: string; end: string } {
  if (type.endsWith('*')) return { begin: type.slice(0, -1), end: `${type.slice(0, -1)}~` }
  return { begin: type, end: `${type}\u0001` }
}

/**
 * The condition on number and time. The log's order is not always that of the clock, but the segments know their times: all that can
 * match lies between the first and the last of them that overlaps. Null: nothing can match.
 */
async function rangeOf(reader: Reader, { from, to, before }: EventFilter): Promise<Sql | null> {
  const past = before === undefined ? empty : sql` AND seq < ${before}`
  if (!from && !to) return sql`seq > 0${past}`
  const times = [...(from ? [sql`at >= ${from}`] : []), ...(to ? [sql`at < ${to}`] : [])]
  const overlap = [
    ...(from ? [sql`(latest >= ${from} OR latest IS NULL)`] : []),
    ...(to ? [sql`(earliest < ${to} OR earliest IS NULL)`] : []),
  ]
  const [sealed] = await reader.$queryRaw<
    [{ first: number | null; last: number | null; count: number }]
  >`
    SELECT min("index") AS first, max("index") AS last, (SELECT count(*) FROM AuditSegment) AS count
    FROM AuditSegment WHERE ${join(overlap, ' AND ')}`
  const end = Number(sealed.count) * segmentLength
  const [open] = await reader.$queryRaw<[{ first: number | null; last: number | null }]>`
    SELECT min(seq) AS first, max(seq) AS last FROM AuditEvent
    WHERE seq > ${end} AND ${join(times, ' AND ')}`
  const first = sealed.first === null ? open.first : Number(sealed.first) * segmentLength + 1
  const last =
    open.last ?? (sealed.last === null ? null : (Number(sealed.last) + 1) * segmentLength)
  if (first === null || last === null) return null
  return sql`seq >= ${Number(first)} AND seq <= ${Number(last)} AND ${join(times, ' AND ')}${past}`
}

const ends = ['dma.lock.ended', 'dma.lock.failed', 'dma.lock.orphaned']
const ofBoard = ['board.fault', 'board.state', 'board.step']

/** What happened to the board while the session lived: it names no session, but tells how this one went and was ended. */
async function boardMeanwhile(
  reader: Reader,
  session: string,
  { actor, board: wanted, type, take }: EventFilter,
  within: Sql,
): Promise<Sql | null> {
  const { begin, end } = typeRange(type)
  const types = ofBoard.filter((one) => one >= begin && one < end)
  const request = await reader.auditEvent.findFirst({
    where: { session, type: 'dma.lock.requested' },
    select: { seq: true, board: true },
  })
  if (!request?.board || types.length === 0) return null
  if (wanted !== undefined && wanted !== request.board) return null
  const over = await reader.auditEvent.findFirst({
    where: { session, type: { in: ends } },
    select: { seq: true },
  })
  const by = actor === undefined ? empty : sql` AND actor = ${actor}`
  const until = over ? sql` AND seq < ${over.seq}` : empty
  const each = types.map(
    (one) => sql`SELECT * FROM (
      SELECT seq FROM AuditEvent INDEXED BY "AuditEvent_board_type_seq_idx"
      WHERE board = ${request.board} AND type = ${one} AND seq > ${request.seq}${until}${by}
        AND ${within} ORDER BY seq DESC LIMIT ${take})`,
  )
  return join(each, ' UNION ')
}
