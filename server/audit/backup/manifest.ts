// What a backup says of itself, and what of a data folder belongs into one.

import Type, { type Static } from 'typebox'
import { Time } from '../../contract/schema.ts'
import { restoringFolder } from '../../plugins/database/instance-lock.ts'

export const backupFormat = 'pinlab-backup/v1'
export const manifestName = 'manifest.json'
export const databaseName = 'pinlab.db'
export const signingKeyName = 'audit/signing-key'
export const checkpointsName = 'audit/checkpoints'
/** What the database has yet to take, of no use beside a copy of that. */
export const spoolName = 'audit/spool'
export const capturesFolder = 'captures'

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })

export const Manifest = Type.Object({
  format: Type.Literal(backupFormat),
  madeAt: Time,
  build: Type.String(),
  /** Events that the log had; null for a database from before the log was a tree. */
  size: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
  withKey: Type.Boolean(),
  /** Captures that the database knows and whose bytes were not there: removed meanwhile, or lost. */
  missing: Type.Array(Type.String()),
  /** Each file by its path in the folder, with `/`. */
  files: Type.Record(
    Type.String(),
    Type.Object({ byteLength: Type.Integer({ minimum: 0 }), sha256: Sha256 }),
  ),
})
export type Manifest = Static<typeof Manifest>

/** What a restore leaves in a data folder. */
export const restoredName = 'audit/restored'
export const beforeRestore = 'before-restore-'

/** Of this data folder alone: of no use in another, or no business of whoever has a copy. */
export function isOfThisFolderAlone(path: string): boolean {
  const [top = ''] = path.split('/')
  return (
    ['setup-token', restoringFolder].includes(top) ||
    // The lock has a journal of its own while it is held.
    ['pinlab.lock', beforeRestore].some((start) => top.startsWith(start)) ||
    path.startsWith(signingKeyName) ||
    path === restoredName
  )
}
