// The tables of checkpoints and keys, and the roots of earlier sizes of the tree.

import type { Reader, Transaction } from '../plugins/database/database.ts'
import { segmentLength } from './audit-store.ts'
import { Frontier, nodeHash, split } from './merkle.ts'

export interface StoredCheckpoint {
  size: number
  at: Date
  note: string
}

export async function addCheckpoint(
  tx: Transaction,
  { size, at, note }: StoredCheckpoint,
): Promise<void> {
  await tx.auditCheckpoint.create({ data: { size, at, note } })
}

export function readLastCheckpoint(reader: Reader): Promise<StoredCheckpoint | null> {
  return reader.auditCheckpoint.findFirst({ orderBy: { size: 'desc' } })
}

/** Of sizes from `from` on, the smallest first. */
export function readCheckpoints(
  reader: Reader,
  from: number,
  take: number,
): Promise<StoredCheckpoint[]> {
  return reader.auditCheckpoint.findMany({
    where: { size: { gte: from } },
    orderBy: { size: 'asc' },
    take,
  })
}

export interface StoredKey {
  key: string
  since: Date
  statement: string | null
}

/** The oldest first. */
export function readKeys(reader: Reader | Transaction): Promise<StoredKey[]> {
  return reader.auditKey.findMany({
    orderBy: { id: 'asc' },
    select: { key: true, since: true, statement: true },
  })
}

/** As readKeys, the keys alone. */
export async function readVerifierKeys(reader: Reader): Promise<string[]> {
  return (await readKeys(reader)).map(({ key }) => key)
}

export async function addKey(tx: Transaction, key: StoredKey): Promise<void> {
  await tx.auditKey.create({ data: key })
}

/** The leaf hashes of the events from index `start` (from 0) up to and without `end`, of one segment; pruned or not. */
export async function readLeafHashes(
  reader: Reader | Transaction,
  start: number,
  end: number,
): Promise<Buffer[]> {
  const index = Math.floor(start / segmentLength)
  const segment = await reader.auditSegment.findUnique({ where: { index } })
  if (segment?.leafHashes) {
    const first = index * segmentLength
    return split(segment.leafHashes).slice(start - first, end - first)
  }
  const rows = await reader.auditEvent.findMany({
    where: { seq: { gt: start, lte: end } },
    orderBy: { seq: 'asc' },
    select: { leafHash: true },
  })
  return rows.map(({ leafHash }) => Buffer.from(leafHash ?? []))
}

/** The roots of whole segments, the first first. */
export async function readSegmentRoots(
  reader: Reader | Transaction,
  count: number,
): Promise<Buffer[]> {
  const rows = await reader.auditSegment.findMany({
    where: { index: { lt: count } },
    orderBy: { index: 'asc' },
    select: { root: true },
  })
  return rows.map(({ root }) => Buffer.from(root))
}

/** The root of the tree when it had this size. */
export async function readRootOf(reader: Reader, size: number): Promise<Buffer> {
  return (await readFrontierOf(reader, size)).root()
}

/** The tree as it was when it had this size. */
export async function readFrontierOf(reader: Reader, size: number): Promise<Frontier> {
  const whole = Math.floor(size / segmentLength)
  const segments = new Frontier()
  for (const root of await readSegmentRoots(reader, whole)) segments.append(root)
  const rest = new Frontier()
  for (const leaf of await readLeafHashes(reader, whole * segmentLength, size)) rest.append(leaf)
  return new Frontier(size, [...segments.roots, ...rest.roots])
}

/** Segments whose leaf hashes are kept: proofs of neighbours need the same ones. */
const keptSegments = 4

/** The hash of a perfect subtree, for proofs: reads the segments' roots once, and computes none twice. */
export async function subtreesOf(
  reader: Reader,
  size: number,
): Promise<(start: number, end: number) => Promise<Buffer>> {
  const roots = await readSegmentRoots(reader, Math.floor(size / segmentLength))
  const known = new Map<string, Buffer>()
  const ofSegments = (first: number, last: number): Buffer => {
    if (last - first === 1) return roots[first] as Buffer
    const name = `${first} ${last}`
    const middle = (first + last) / 2
    const hash = known.get(name) ?? nodeHash(ofSegments(first, middle), ofSegments(middle, last))
    known.set(name, hash)
    return hash
  }
  const segments = new Map<number, Buffer[]>()
  const leavesOf = async (index: number): Promise<Buffer[]> => {
    const first = index * segmentLength
    const leaves =
      segments.get(index) ??
      (await readLeafHashes(reader, first, Math.min(size, first + segmentLength)))
    segments.delete(index)
    segments.set(index, leaves)
    const [oldest = index] = segments.keys()
    if (segments.size > keptSegments) segments.delete(oldest)
    return leaves
  }
  return async (start, end) => {
    if (end - start >= segmentLength) return ofSegments(start / segmentLength, end / segmentLength)
    const index = Math.floor(start / segmentLength)
    const first = index * segmentLength
    const tree = new Frontier()
    for (const leaf of (await leavesOf(index)).slice(start - first, end - first)) tree.append(leaf)
    return tree.root()
  }
}
