// The log read through, batch by batch: what an export needs of the tables.

import { Prisma } from '../../prisma/generated/sqlite/client.ts'
import type { AuditPartKind } from '../contract/audit.ts'
import type { Reader } from '../plugins/database/database.ts'
import { segmentLength } from './audit-store.ts'

/** Events of the whole log or of one DMA session, whose text is still there. */
export interface Extent {
  ranges: readonly Range[]
  session?: string | undefined
}
export type Range = [first: number, last: number]

const eventsAtOnce = 512
/** Their lengths are read without their texts. */
const lengthsAtOnce = 20_000

/** Those of events from `from` to `to` whose text is gone, as whole segments are. */
export async function readPruned(reader: Reader, from: number, to: number): Promise<Range[]> {
  const segmentOf = (seq: number) => Math.floor((seq - 1) / segmentLength)
  const rows = await reader.auditSegment.findMany({
    where: { leafHashes: { not: null }, index: { gte: segmentOf(from), lte: segmentOf(to) } },
    orderBy: { index: 'asc' },
    select: { index: true },
  })
  const ranges: Range[] = []
  for (const { index } of rows) {
    const first = Math.max(from, index * segmentLength + 1)
    const last = Math.min(to, (index + 1) * segmentLength)
    const before = ranges.at(-1)
    if (before?.[1] === first - 1) before[1] = last
    else ranges.push([first, last])
  }
  return ranges
}

/** What is left of `from` to `to` without these. */
export function rangesBetween(gone: readonly Range[], from: number, to: number): Range[] {
  const starts = [from, ...gone.map(([, last]) => last + 1)]
  const ends = [...gone.map(([first]) => first - 1), to]
  return starts.flatMap((first, n) => {
    const last = ends[n] as number
    return first <= last ? [[first, last] as Range] : []
  })
}

export interface EventBatch {
  /** Payloads, each but the last followed by a newline. */
  text: string
  count: number
  /** Of the last of them. */
  seq: number
}

/** In order. Throws if an event of the whole log is missing: it was pruned in the meantime. */
export async function* readEventBatches(
  reader: Reader,
  { ranges, session }: Extent,
): AsyncGenerator<EventBatch> {
  for (const [first, last] of ranges) {
    for (let seq = first; seq <= last; ) {
      const [row] = await reader.$queryRaw<{ text: string | null; count: bigint; last: bigint }[]>`
        SELECT group_concat(payload, char(10) ORDER BY seq) AS text, count(*) AS count, max(seq) AS last
        FROM (SELECT seq, payload FROM "AuditEvent" WHERE seq BETWEEN ${seq} AND ${last} ${of(session)}
              ORDER BY seq LIMIT ${eventsAtOnce})`
      const count = Number(row?.count ?? 0)
      const end = Number(row?.last ?? 0)
      const isWhole = count === Math.min(eventsAtOnce, last - seq + 1) && end === seq + count - 1
      if (session === undefined && !isWhole) throw new Error(`event ${seq} and others are gone`)
      if (typeof row?.text !== 'string') break
      yield { text: row.text, count, seq: end }
      seq = end + 1
    }
  }
}

/** Of the payloads as UTF-8, each followed by a newline. */
export async function readEventsByteLength(
  reader: Reader,
  { ranges, session }: Extent,
): Promise<number> {
  let sum = 0
  for (const [first, last] of split(ranges)) {
    const [row] = await reader.$queryRaw<{ byteLength: bigint | null }[]>`
      SELECT sum(octet_length(payload) + 1) AS "byteLength" FROM "AuditEvent"
      WHERE seq BETWEEN ${first} AND ${last} ${of(session)}`
    sum += Number(row?.byteLength ?? 0)
  }
  return sum
}

export async function* readSequences(
  reader: Reader,
  { ranges, session }: Extent,
): AsyncGenerator<number> {
  for (const [first, last] of ranges) {
    for (let seq = first; seq <= last; ) {
      const rows = await reader.auditEvent.findMany({
        where: { seq: { gte: seq, lte: last }, ...(session === undefined ? {} : { session }) },
        orderBy: { seq: 'asc' },
        select: { seq: true },
        take: eventsAtOnce,
      })
      for (const row of rows) yield row.seq
      seq = (rows.at(-1)?.seq ?? last) + 1
    }
  }
}

/** Of events that are all still there. */
export async function readStoredLeafHashes(reader: Reader, [first, last]: Range): Promise<Buffer> {
  const [row] = await reader.$queryRaw<{ hex: string | null }[]>`
    SELECT group_concat(hex("leafHash"), '' ORDER BY seq) AS hex FROM "AuditEvent"
    WHERE seq BETWEEN ${first} AND ${last}`
  return Buffer.from(row?.hex ?? '', 'hex')
}

/** JSON of its own, as SQLite quotes it: so that its length is known before it is read. */
interface PartRow {
  seq: bigint
  n: bigint
  kind: string
  of: string
  salt: Uint8Array
  text: string
}

/** Lines of parts.jsonl, with their newlines. */
export async function* readPartLines(
  reader: Reader,
  extent: Extent,
  kinds: readonly AuditPartKind[],
): AsyncGenerator<string> {
  if (kinds.length === 0) return
  for (const [first, last] of extent.ranges) {
    let [seq, n] = [first, -1]
    for (;;) {
      const rows = await reader.$queryRaw<PartRow[]>`
        SELECT seq, n, json_quote(kind) AS kind, json_quote("of") AS "of", salt, json_quote(text) AS text
        FROM "AuditPart" WHERE (seq, n) > (${seq}, ${n}) AND seq <= ${last} ${partOf(extent, kinds)}
        ORDER BY seq, n LIMIT ${eventsAtOnce}`
      for (const row of rows) yield partLine(row)
      const end = rows.at(-1)
      if (!end) break
      ;[seq, n] = [Number(end.seq), Number(end.n)]
    }
  }
}

const partLine = ({ seq, n, kind, of: whose, salt, text }: PartRow) =>
  `{"seq":${seq},"n":${n},"kind":${kind},"of":${whose},"salt":"${Buffer.from(salt).toString('base64')}","text":${text}}\n`

/** What stands in each line besides the values. */
const partFrameByteLength = '{"seq":,"n":,"kind":,"of":,"salt":"","text":}\n'.length

export async function readPartsByteLength(
  reader: Reader,
  extent: Extent,
  kinds: readonly AuditPartKind[],
): Promise<number> {
  let sum = 0
  if (kinds.length === 0) return sum
  for (const [first, last] of split(extent.ranges)) {
    const [row] = await reader.$queryRaw<{ byteLength: bigint | null }[]>`
      SELECT sum(${partFrameByteLength} + length(seq) + length(n) + octet_length(json_quote(kind)) +
        octet_length(json_quote("of")) + (length(salt) + 2) / 3 * 4 + octet_length(json_quote(text))) AS "byteLength"
      FROM "AuditPart" WHERE seq BETWEEN ${first} AND ${last} ${partOf(extent, kinds)}`
    sum += Number(row?.byteLength ?? 0)
  }
  return sum
}

const of = (session: string | undefined) =>
  session === undefined ? Prisma.empty : Prisma.sql`AND session = ${session}`

const partOf = ({ session }: Extent, kinds: readonly AuditPartKind[]) => {
  const ofKind = Prisma.sql`AND kind IN (${Prisma.join(kinds)})`
  if (session === undefined) return ofKind
  return Prisma.sql`${ofKind} AND seq IN (SELECT seq FROM "AuditEvent" WHERE session = ${session})`
}

function* split(ranges: readonly Range[]): Generator<Range> {
  for (const [first, last] of ranges) {
    for (let at = first; at <= last; at += lengthsAtOnce) {
      yield [at, Math.min(last, at + lengthsAtOnce - 1)]
    }
  }
}
