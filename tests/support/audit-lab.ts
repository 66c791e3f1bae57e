// The audit log of a lab under test, as its auditor sees it.

import { expect } from 'vitest'
import { record } from '../../server/audit/audit.ts'
import { readRootOf, subtreesOf } from '../../server/audit/checkpoint-store.ts'
import {
  consistencyProof,
  inclusionProof,
  leafHash,
  verifyConsistency,
  verifyInclusion,
} from '../../server/audit/merkle.ts'
import { openNote, parseCheckpoint, parseVerifierKey } from '../../server/audit/note.ts'
import type { CheckpointStatus } from '../../server/contract/audit.ts'
import type { TestLab } from './test-lab.ts'

export const checkpointStatusOf = async (lab: TestLab) =>
  (await lab.get<CheckpointStatus>('/audit/checkpoint')).body

/** The newest checkpoint, opened with the key that the server names. */
export async function checkpointOf(lab: TestLab) {
  const { key, checkpoint } = await checkpointStatusOf(lab)
  return parseCheckpoint(openNote(checkpoint?.note ?? '', [parseVerifierKey(key)]).text)
}

/** Plain events, in one transaction. */
export async function addEvents(lab: TestLab, count: number): Promise<void> {
  await lab.database.write(async (tx) => {
    for (let n = 0; n < count; n++) await record(tx, { type: 'board.fault', actor: 'system' })
  })
}

/** What is recorded so far is in a checkpoint afterwards. */
export async function settleCheckpoint(lab: TestLab): Promise<void> {
  await lab.clock.advance(1000)
  await lab.clock.advance(10_000)
}

/** The last event of a type, as recorded. */
export async function lastEvent(lab: TestLab, type: string) {
  const row = await lab.database.reader.auditEvent.findFirstOrThrow({
    where: { type },
    orderBy: { seq: 'desc' },
  })
  return JSON.parse(row.payload)
}

export const lastNumber = async ({ database }: TestLab) =>
  (await database.reader.auditTree.findUniqueOrThrow({ where: { id: 1 } })).size

/** The newest checkpoint goes on from each of these heads, and holds each of these payloads. */
export async function expectProofs(
  lab: TestLab,
  {
    heads,
    events,
  }: {
    heads: { size: number; root: Buffer }[]
    events: { seq: number; payload: string }[]
  },
): Promise<void> {
  const { size, root } = await checkpointOf(lab)
  const subtrees = await subtreesOf(lab.database.reader, size)
  expect((await readRootOf(lab.database.reader, size)).equals(root)).toBe(true)
  for (const head of heads) {
    const proof = await consistencyProof(head.size, size, subtrees)
    const roots = { fromRoot: head.root, toRoot: root }
    expect(verifyConsistency({ from: head.size, to: size, ...roots }, proof)).toBe(true)
  }
  for (const { seq, payload } of events) {
    const index = seq - 1
    const proof = await inclusionProof(index, size, subtrees)
    const isIn = verifyInclusion({ leaf: leafHash(payload), index, size, root }, proof)
    expect(isIn, `event ${seq}`).toBe(true)
  }
}
