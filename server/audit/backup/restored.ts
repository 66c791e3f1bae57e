// The first start after a restore.

import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import type { Database } from '../../plugins/database/database.ts'
import { record } from '../audit.ts'
import { restoredName } from './manifest.ts'

/** Records that the log goes on from a backup, and of when. After a crash in between it is recorded twice. */
export async function recordRestore(
  database: Database,
  { dataFolder, log }: { dataFolder: string; log: FastifyBaseLogger },
): Promise<void> {
  const file = join(dataFolder, restoredName)
  if (!existsSync(file)) return
  const detail = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  log.warn(detail, 'the lab was restored from a backup')
  await database.write((tx) => record(tx, { type: 'server.restored', actor: 'system', detail }))
  rmSync(file)
}
