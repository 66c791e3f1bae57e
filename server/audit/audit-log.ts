// The log as a whole: begun once, and looked through at each start for what should not have happened to it.

import type { FastifyBaseLogger } from 'fastify'
import type { Database, Transaction } from '../plugins/database/database.ts'
import { record } from './audit.ts'
import {
  addSegment,
  addTree,
  findTree,
  lastSequence,
  readPayloads,
  removeEventsAfter,
  segmentLength,
  setLeafHash,
} from './audit-store.ts'
import { dropTriggers, ensureTriggers } from './audit-triggers.ts'
import { Frontier, leafHash } from './merkle.ts'

/**
 * At start, before anything is recorded. What is found wrong is recorded and logged: a lab goes on, its auditor is told. All payloads
 * against the checkpoints are the verifier's work; here it is what the log needs to go on, and whether the database still refuses
 * changes.
 */
export async function beginLog(database: Database, log: FastifyBaseLogger): Promise<void> {
  await database.write(async (tx) => {
    const tree = await findTree(tx)
    if (!tree) {
      await begin(tx)
      return
    }
    const wrong = await ensureTriggers(tx)
    const damage = wrong.map((name) => `the trigger ${name} was missing or different`)
    damage.push(...(await compareEnd(tx, tree)), ...(await removeForeign(tx, tree)))
    for (const what of damage) {
      log.error(`the audit log: ${what}`)
      await record(tx, { type: 'audit.damaged', actor: 'system', detail: { what } })
    }
  })
}

/** Events from before the log was a tree become its first leaves, as they stand. */
async function begin(tx: Transaction): Promise<void> {
  const tree = new Frontier()
  const before = await lastSequence(tx)
  while (tree.size < before) {
    for (const { seq, payload } of await readPayloads(tx, tree.size, segmentLength)) {
      if (seq !== tree.size + 1) throw new Error(`the audit log has no event ${tree.size + 1}`)
      const leaf = leafHash(payload)
      await setLeafHash(tx, seq, leaf)
      const root = tree.append(leaf)[Math.log2(segmentLength)]
      if (root) await addSegment(tx, seq / segmentLength - 1, root)
    }
  }
  await addTree(tx, tree)
  await ensureTriggers(tx)
  await record(tx, { type: 'audit.begun', actor: 'system', detail: { before } })
}

/** The events after the last whole segment must give what the tree says of them. */
async function compareEnd(tx: Transaction, tree: Frontier): Promise<string[]> {
  const sealed = tree.size - (tree.size % segmentLength)
  const open = new Frontier()
  for (const { payload } of await readPayloads(tx, sealed, tree.size - sealed)) {
    open.append(leafHash(payload))
  }
  const known = tree.roots.slice(tree.roots.length - open.roots.length)
  const isWhole = open.size === tree.size - sealed
  return [
    ...(isWhole ? [] : [`events after ${sealed} are missing`]),
    ...(isWhole && open.roots.some((root, n) => !root.equals(known[n] as Buffer))
      ? [`an event after ${sealed} was changed`]
      : []),
  ]
}

/** Rows that somebody has put behind the last event never were in the log, and its next events need their numbers. */
async function removeForeign(tx: Transaction, { size }: Frontier): Promise<string[]> {
  if ((await lastSequence(tx)) <= size) return []
  await dropTriggers(tx)
  const count = await removeEventsAfter(tx, size)
  await ensureTriggers(tx)
  return [`${count} rows stood after event ${size}, the last that the log knows, and were removed`]
}
