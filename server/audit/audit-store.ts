// The log's tables.

import type { Reader, Transaction } from '../plugins/database/database.ts'
import { Frontier } from './merkle.ts'

/** How many leaves a segment of the log has: a whole subtree, which is pruned as one. */
export const segmentLength = 256

export interface StoredPart {
  seq: number
  n: number
  kind: string
  of: string | null
  salt: Uint8Array<ArrayBuffer>
  text: string
}

export interface StoredEvent {
  seq: number
  payload: string
  leafHash: Uint8Array<ArrayBuffer>
  at: Date
  type: string
  actor: string
  board: string | undefined
  session: string | undefined
  parts: StoredPart[]
}

const theTree = { id: 1 }

/** The tree over all events; null before the log was begun. */
export async function findTree(reader: Reader | Transaction): Promise<Frontier | null> {
  const row = await reader.auditTree.findUnique({ where: theTree })
  return row && Frontier.fromBytes(row.size, row.frontier)
}

export async function readTree(reader: Reader | Transaction): Promise<Frontier> {
  const tree = await findTree(reader)
  if (!tree) throw new Error('the audit log was not begun')
  return tree
}

export async function addTree(tx: Transaction, tree: Frontier): Promise<void> {
  await tx.auditTree.create({ data: { ...theTree, ...treeRow(tree) } })
}

export async function setTree(tx: Transaction, tree: Frontier): Promise<void> {
  await tx.auditTree.updateMany({ where: theTree, data: treeRow(tree) })
}

const treeRow = (tree: Frontier) => ({
  size: tree.size,
  frontier: new Uint8Array(tree.toBytes()),
})

/** How many events there are: 0 while the log is empty. Right for a writer within a transaction only, where nobody else appends. */
export async function lastSequence(reader: Reader | Transaction): Promise<number> {
  const last = await reader.auditEvent.findFirst({
    orderBy: { seq: 'desc' },
    select: { seq: true },
  })
  return last?.seq ?? 0
}

export async function appendEvents(tx: Transaction, events: StoredEvent[]): Promise<void> {
  const data = events.map(({ seq, payload, leafHash, at, type, actor, board, session }) => ({
    ...{ seq, payload, leafHash: new Uint8Array(leafHash), at, type, actor },
    ...{ board: board ?? null, session: session ?? null },
  }))
  await tx.auditEvent.createMany({ data })
  const parts = events.flatMap((event) => event.parts)
  if (parts.length > 0) await tx.auditPart.createMany({ data: parts })
}

/** A segment that is complete, with the root of its subtree; its events are there. */
export async function addSegment(tx: Transaction, index: number, root: Buffer): Promise<void> {
  const seq = { gt: index * segmentLength, lte: (index + 1) * segmentLength }
  const { _min, _max } = await tx.auditEvent.aggregate({
    where: { seq },
    _min: { at: true },
    _max: { at: true },
  })
  const data = { index, root: new Uint8Array(root), earliest: _min.at, latest: _max.at }
  await tx.auditSegment.create({ data })
}

/** Of the first `take` events after `after`. */
export function readPayloads(
  reader: Reader | Transaction,
  after: number,
  take: number,
): Promise<{ seq: number; payload: string }[]> {
  return reader.auditEvent.findMany({
    where: { seq: { gt: after } },
    orderBy: { seq: 'asc' },
    select: { seq: true, payload: true },
    take,
  })
}

/** Of an event from before the log was a tree; afterwards the database refuses it. */
export async function setLeafHash(tx: Transaction, seq: number, leafHash: Buffer): Promise<void> {
  await tx.auditEvent.updateMany({ where: { seq }, data: { leafHash: new Uint8Array(leafHash) } })
}

/** What is kept beside these events. */
export function readParts(reader: Reader, seqs: number[]): Promise<StoredPart[]> {
  return reader.auditPart.findMany({ where: { seq: { in: seqs } } })
}

/** What starts have found wrong with the log, the newest first. */
export async function readDamage(reader: Reader) {
  const types = ['audit.damaged', 'audit.rolled-back'] as const
  const rows = await reader.auditEvent.findMany({
    where: { type: { in: [...types] } },
    orderBy: { seq: 'desc' },
    take: 20,
  })
  return rows.map(({ seq, at, type, payload }) => ({
    seq,
    at: at.toISOString(),
    type: type as (typeof types)[number],
    what: String(JSON.parse(payload).detail.what),
  }))
}

/** The oldest of a person, about so many; returns how many there were. */
export async function removePersonalParts(
  tx: Transaction,
  person: string,
  take: number,
): Promise<number> {
  const where = { of: person, kind: 'personal' }
  const order = { orderBy: { seq: 'asc' }, select: { seq: true }, take } as const
  const last = (await tx.auditPart.findMany({ where, ...order })).at(-1)
  if (!last) return 0
  return (await tx.auditPart.deleteMany({ where: { ...where, seq: { lte: last.seq } } })).count
}

/** Up to which entry of the spool the log has them. */
export async function readLastSpooled(reader: Reader): Promise<number> {
  const row = await reader.auditEvent.findFirst({
    where: { type: 'audit.spooled' },
    orderBy: { seq: 'desc' },
  })
  return row ? Number(JSON.parse(row.payload).detail.last) : 0
}

/** Returns how many there were. */
export async function removeEventsAfter(tx: Transaction, seq: number): Promise<number> {
  return (await tx.auditEvent.deleteMany({ where: { seq: { gt: seq } } })).count
}
