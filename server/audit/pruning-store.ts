// What the tables say of segments that may be removed, and their removal.

import type { Reader, Transaction } from '../plugins/database/database.ts'
import { segmentLength } from './audit-store.ts'
import { Frontier, leafHash } from './merkle.ts'

/** The number of the first event that happened then or later; null: none did. */
export async function findFirstSince(reader: Reader, at: Date): Promise<number | null> {
  const { _min } = await reader.auditEvent.aggregate({
    where: { at: { gte: at } },
    _min: { seq: true },
  })
  return _min.seq
}

/** The index of the first whole segment that still has its events. */
export async function findFirstUnpruned(reader: Reader): Promise<number | null> {
  const first = await reader.auditSegment.findFirst({
    where: { leafHashes: null },
    orderBy: { index: 'asc' },
    select: { index: true },
  })
  return first?.index ?? null
}

export interface BundleExport {
  /** The event that tells of it. */
  seq: number
  from: number
  to: number
  /** Null where it was not known when the event was recorded. */
  sha256: string | null
}

const mostExports = 200

/** The newest bundles of the log that were exported; those of one session are not. */
export async function readBundleExports(reader: Reader): Promise<BundleExport[]> {
  const rows = await reader.auditEvent.findMany({
    where: { type: 'audit.exported', session: null },
    orderBy: { seq: 'desc' },
    select: { seq: true, payload: true },
    take: mostExports,
  })
  return rows.flatMap(({ seq, payload }) => {
    const { format, from, to, session, sha256 } = JSON.parse(payload).detail ?? {}
    if (format !== 'bundle' || session || typeof from !== 'number') return []
    // A bundle ends with a checkpoint that is made after this event.
    const end = typeof to === 'number' ? to : seq
    return { seq, from, to: end, sha256: typeof sha256 === 'string' ? sha256 : null }
  })
}

/** False, and nothing is done, if the events are not those that the segment's root was made of. */
export async function pruneSegment(tx: Transaction, index: number): Promise<boolean> {
  const seq = { gt: index * segmentLength, lte: (index + 1) * segmentLength }
  const segment = await tx.auditSegment.findUnique({ where: { index } })
  const events = await tx.auditEvent.findMany({
    where: { seq },
    orderBy: { seq: 'asc' },
    select: { payload: true },
  })
  const tree = new Frontier()
  const leaves = events.map(({ payload }) => leafHash(payload))
  for (const leaf of leaves) tree.append(leaf)
  const isWhole = segment && !segment.leafHashes && tree.size === segmentLength
  if (!isWhole || !tree.root().equals(segment.root)) return false
  const leafHashes = new Uint8Array(Buffer.concat(leaves))
  // First the hashes: without them the database refuses the removal.
  await tx.auditSegment.updateMany({ where: { index }, data: { leafHashes } })
  await tx.auditEvent.deleteMany({ where: { seq } })
  await tx.auditPart.deleteMany({ where: { seq } })
  return true
}
