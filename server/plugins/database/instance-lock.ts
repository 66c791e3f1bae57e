// One Pinlab for each data folder. The lock is SQLite's own lock on a file, so the system frees it whenever the process ends.

import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { PinlabError } from '../../errors.ts'

/** In a data folder: what a restore has not put in place yet. */
export const restoringFolder = 'restoring'

/** Creates the data folder (0700) if need be and takes it for this process. Returns what gives it back. */
export function takeDataFolder(folder: string): () => void {
  let lock: Database.Database | undefined
  try {
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 })
    lock = new Database(join(folder, 'pinlab.lock'), { timeout: 0 })
    lock.pragma('locking_mode = EXCLUSIVE')
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock?.close()
    const { code, message } = error as NodeJS.ErrnoException
    if (code?.startsWith('SQLITE_BUSY')) {
      throw new PinlabError(
        'PINLAB_START_DATABASE_IN_USE',
        `${folder} is in use by another Pinlab. Stop it, or set PINLAB_DATA to another folder.`,
      )
    }
    throw new PinlabError(
      'PINLAB_START_DATA_FOLDER',
      `${folder} is not writable (${message}). Give this user the right to write there, or set PINLAB_DATA to another folder.`,
    )
  }
  const held = lock
  return () => held.close()
}
