// Puts a backup in place of what a data folder holds, which is kept beside it. The signing key and the checkpoints that were handed out
// stay: the next start compares the older log with them and records that it was set back.

import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { restoringFolder, takeDataFolder } from '../../plugins/database/instance-lock.ts'
import { writeDurably } from '../write-durably.ts'
import { refused, verifyBackup } from './backup.ts'
import { copyFile, filesBelow, syncFolders } from './files.ts'
import {
  beforeRestore,
  checkpointsName,
  databaseName,
  isOfThisFolderAlone,
  type Manifest,
  restoredName,
  signingKeyName,
} from './manifest.ts'

export interface Restored {
  manifest: Manifest
  /** What is wrong with the backup: nothing was touched then. */
  wrong: string[]
  /** Where what was there is now; null: nothing was. */
  kept: string | null
  keptKey: boolean
  keptCheckpoints: boolean
}

/**
 * Throws PINLAB_START_DATABASE_IN_USE while a Pinlab runs on the folder, and PINLAB_BACKUP_REFUSED. After a crash in the midst of it no
 * Pinlab starts on the folder until the restore was repeated; nothing that was there is lost.
 */
export async function restoreBackup({
  folder,
  dataFolder,
  now,
}: {
  folder: string
  dataFolder: string
  now: Date
}): Promise<Restored> {
  const { manifest, wrong } = await verifyBackup(folder)
  const has = (path: string) => existsSync(join(dataFolder, path))
  if (wrong.length > 0) {
    return { manifest, wrong, kept: null, keptKey: false, keptCheckpoints: false }
  }
  const release = takeDataFolder(dataFolder)
  try {
    const keptKey = has(signingKeyName)
    const keptCheckpoints = has(checkpointsName)
    const kept = [
      ...(keptKey ? [signingKeyName] : []),
      ...(keptCheckpoints ? [checkpointsName] : []),
    ]
    const paths = Object.keys(manifest.files).filter((path) => !kept.includes(path))
    const restoring = join(dataFolder, restoringFolder)
    await copyInto(restoring, { folder, paths, manifest })
    const keptIn = await moveAway(dataFolder, now)
    await mkdir(join(dataFolder, dirname(restoredName)), { recursive: true, mode: 0o700 })
    const notice = { madeAt: manifest.madeAt, size: manifest.size, restoredAt: now.toISOString() }
    writeDurably(join(dataFolder, restoredName), JSON.stringify(notice), 0o600)
    await moveInto(dataFolder, paths)
    await rm(restoring, { recursive: true })
    await syncFolders([dataFolder])
    return { manifest, wrong, kept: keptIn, keptKey, keptCheckpoints }
  } finally {
    release()
  }
}

async function copyInto(
  restoring: string,
  { folder, paths, manifest }: { folder: string; paths: string[]; manifest: Manifest },
): Promise<void> {
  await rm(restoring, { recursive: true, force: true })
  await mkdir(restoring, { mode: 0o700 })
  for (const path of paths) {
    const copied = await copyFile(join(folder, path), join(restoring, path))
    if (copied?.sha256 !== manifest.files[path]?.sha256) {
      await rm(restoring, { recursive: true })
      throw refused(`${path} changed while it was copied. Nothing was restored.`)
    }
  }
  await syncFolders(paths.map((path) => dirname(join(restoring, path))))
}

/** Into a folder beside it, whose name is returned. */
async function moveAway(dataFolder: string, now: Date): Promise<string | null> {
  foldJournal(join(dataFolder, databaseName))
  const there = (await filesBelow(dataFolder)).filter(
    (path) => !isOfThisFolderAlone(path) && path !== checkpointsName,
  )
  if (there.length === 0) return null
  const kept = join(dataFolder, `${beforeRestore}${now.toISOString().replace(/[:.]/g, '-')}`)
  await move(there, { from: dataFolder, to: kept })
  return kept
}

/** The database last: until then there is nothing to start with. */
async function moveInto(dataFolder: string, paths: string[]): Promise<void> {
  const sorted = [...paths.filter((path) => path !== databaseName), databaseName]
  await move(sorted, { from: join(dataFolder, restoringFolder), to: dataFolder })
}

async function move(paths: string[], { from, to }: { from: string; to: string }): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(to, path)), { recursive: true, mode: 0o700 })
    await rename(join(from, path), join(to, path))
  }
  await syncFolders([to, ...paths.map((path) => dirname(join(to, path)))])
}

/** What a crash left in the journal becomes part of the file, so that the two are not parted. A damaged one is moved as it is. */
function foldJournal(file: string): void {
  if (!existsSync(file)) return
  try {
    const database = new SqliteDatabase(file)
    database.pragma('wal_checkpoint(TRUNCATE)')
    database.close()
  } catch {
    // Its journal is moved with it.
  }
}
