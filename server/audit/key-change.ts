// A new key for the log, vouched for by the one before it.

import type { FastifyBaseLogger } from 'fastify'
import type { Clock } from '../clock.ts'
import type { KeyChanged } from '../contract/audit.ts'
import type { Database } from '../plugins/database/database.ts'
import { record } from './audit.ts'
import { addKey } from './checkpoint-store.ts'
import type { Checkpoints } from './checkpoints.ts'
import { type Signer, signNote } from './note.ts'
import { adoptNextKey, keepNextKey, newSigner } from './signing-key.ts'

export interface KeyChangeParts {
  checkpoints: Checkpoints
  database: Database
  clock: Clock
  dataFolder: string
  log: FastifyBaseLogger
}

/**
 * The new key is on the disk before the database names it, and takes the place of the old one afterwards: openSigningKey finds out
 * which of them holds after a crash.
 */
export async function changeKey(
  { checkpoints, database, clock, dataFolder, log }: KeyChangeParts,
  { reason, actor }: { reason: string; actor: string },
): Promise<KeyChanged> {
  let changed: Omit<KeyChanged, 'checkpoint'> | undefined
  const checkpoint = await checkpoints.changeKey(async (before) => {
    const next = newSigner(before.key.name)
    const since = new Date(clock.now())
    const statement = keyStatement(before, next, since)
    keepNextKey(dataFolder, next)
    const detail = { before: before.key.text, key: next.key.text, reason }
    await database.write(async (tx) => {
      await addKey(tx, { key: next.key.text, since, statement })
      await record(tx, { type: 'audit.key-changed', actor, detail })
    })
    try {
      adoptNextKey(dataFolder)
    } catch (error) {
      log.error({ err: error }, 'the new audit key takes its file at the next start only')
    }
    changed = { before: before.key.text, key: next.key.text, statement }
    return next
  })
  if (!changed || !checkpoint) throw new Error('the key was not changed')
  const { size, at, note } = checkpoint
  return { ...changed, checkpoint: { size, at: at.toISOString(), note } }
}

/** Signed by both, so that either key leads to the other. */
export function keyStatement(before: Signer, next: Signer, at: Date): string {
  const lines = ['pinlab-audit-key/v1', before.key.text, next.key.text, at.toISOString()]
  return signNote(`${lines.join('\n')}\n`, [before, next])
}
