// Checkpoints in a file beside the database, one signed note after the other. A database that was put back to an earlier state shows
// against the last of them.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CheckpointSink } from './checkpoint-sinks.ts'
import { auditFolder } from './signing-key.ts'
import { appendDurably } from './write-durably.ts'

const fileIn = (dataFolder: string) => join(auditFolder(dataFolder), 'checkpoints')

export function checkpointFile(dataFolder: string): CheckpointSink {
  const file = fileIn(dataFolder)
  return {
    name: 'file',
    // Notes hold no two empty lines in a row, so those part them.
    send: async ({ note }) => appendDurably(file, `${note}\n\n`, 0o644),
  }
}

/** The notes of the file, the newest last; of one that was cut off in mid-write nothing. */
export function readCheckpointFile(dataFolder: string): string[] {
  const file = fileIn(dataFolder)
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n\n\n')
    .slice(0, -1)
    .map((note) => `${note}\n`)
}
