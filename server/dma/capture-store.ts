// The captures' table. The bytes are in files.

import { randomBytes } from 'node:crypto'
import type { Capture, CaptureChange, CaptureMark } from '../contract/capture.ts'
import type { Reader, Transaction } from '../plugins/database/database.ts'

type Row = Awaited<ReturnType<Reader['capture']['findUniqueOrThrow']>>

function toCapture(row: Row): Capture {
  return {
    id: row.id,
    session: row.sessionId || null,
    board: row.board,
    owner: row.owner,
    ownerName: row.ownerName,
    name: row.name,
    note: row.note,
    marks: row.marks as CaptureMark[],
    offset: Number(row.offset),
    byteLength: Number(row.byteLength),
    sha256: row.sha256,
    takenAt: row.takenAt.toISOString(),
    automatic: row.automatic,
    mayBeTorn: row.mayBeTorn,
    bytesCompleted: Number(row.bytesCompleted),
    provenance: row.provenance as Capture['provenance'],
  }
}

/** A UUID of version 7 (RFC 9562), as the database makes them for other rows: the file has its name before there is a row. */
export function newCaptureId(now = Date.now()): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(now, 0, 6)
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6)
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8)
  return bytes.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

export async function addCapture(tx: Transaction, capture: Capture): Promise<void> {
  const { session, offset, byteLength, bytesCompleted, takenAt, ...rest } = capture
  await tx.capture.create({
    data: {
      ...rest,
      sessionId: session ?? '',
      takenAt: new Date(takenAt),
      offset: BigInt(offset),
      byteLength: BigInt(byteLength),
      bytesCompleted: BigInt(bytesCompleted),
    },
  })
}

export async function readCapture(
  reader: Reader | Transaction,
  id: string,
): Promise<Capture | null> {
  const row = await reader.capture.findUnique({ where: { id } })
  return row && toCapture(row)
}

export interface CaptureFilter {
  limit: number
  cursor?: string
  owner?: string
  board?: string
  session?: string
}

/** Newest first: ids sort by time, and the cursor is the last id of the page before. */
export async function readCaptures(
  reader: Reader,
  { limit, cursor, owner, board, session }: CaptureFilter,
): Promise<{ items: Capture[]; next: string | null }> {
  const rows = await reader.capture.findMany({
    where: {
      ...(cursor ? { id: { lt: cursor } } : {}),
      ...(owner ? { owner } : {}),
      ...(board ? { board } : {}),
      ...(session ? { sessionId: session } : {}),
    },
    orderBy: { id: 'desc' },
    take: limit + 1,
  })
  const items = rows.slice(0, limit).map(toCapture)
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
}

export async function changeCapture(
  tx: Transaction,
  id: string,
  change: CaptureChange,
): Promise<Capture> {
  const { name, note, marks } = change
  const data = {
    ...(name === undefined ? {} : { name }),
    ...(note === undefined ? {} : { note }),
    ...(marks === undefined ? {} : { marks }),
  }
  return toCapture(await tx.capture.update({ where: { id }, data }))
}

export async function removeCapture(tx: Transaction, id: string): Promise<void> {
  await tx.capture.delete({ where: { id } })
}

/** What a person has saved. */
export async function sumCaptures(
  reader: Reader | Transaction,
  owner: string,
): Promise<{ byteLength: number; captures: number }> {
  const { _sum, _count } = await reader.capture.aggregate({
    where: { owner },
    _sum: { byteLength: true },
    _count: true,
  })
  return { byteLength: Number(_sum.byteLength ?? 0), captures: _count }
}

export async function readCaptureIds(reader: Reader): Promise<Set<string>> {
  const rows = await reader.capture.findMany({ select: { id: true } })
  return new Set(rows.map(({ id }) => id))
}

export async function hasAutomatic(reader: Reader, sessionId: string): Promise<boolean> {
  const where = { sessionId, automatic: true }
  return (await reader.capture.findFirst({ where, select: { id: true } })) !== null
}
