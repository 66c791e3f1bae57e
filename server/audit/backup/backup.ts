// Makes and checks a backup: a folder with the files of a data folder as they belonged together at one moment.

import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { Compile } from 'typebox/compile'
import { PinlabError } from '../../errors.ts'
import { writeDurably } from '../write-durably.ts'
import { copyDatabase, examineDatabase, readDatabase } from './database-copy.ts'
import { copyFile, type FileFacts, filesBelow, hashFile, syncFolders } from './files.ts'
import {
  backupFormat,
  capturesFolder,
  checkpointsName,
  databaseName,
  isOfThisFolderAlone,
  Manifest,
  manifestName,
  signingKeyName,
  spoolName,
} from './manifest.ts'

export interface BackupOrder {
  dataFolder: string
  /** A folder that does not exist yet, outside the data folder. */
  target: string
  withKey: boolean
  build: string
  now: Date
}

const isManifest = Compile(Manifest)

export const refused = (detail: string) => new PinlabError('PINLAB_BACKUP_REFUSED', detail)

/** Returns what it holds, and what is wrong with that, for people. Of a backup that fails nothing stays. */
export async function makeBackup(
  order: BackupOrder,
): Promise<{ manifest: Manifest; wrong: string[] }> {
  const { dataFolder, target } = order
  if (!existsSync(join(dataFolder, databaseName))) {
    throw refused(`${dataFolder} holds no ${databaseName}. Name the data folder with --data.`)
  }
  const inside = relative(dataFolder, target)
  if (inside === '' || !inside.startsWith('..')) {
    throw refused('A backup belongs outside the data folder, best on another disk.')
  }
  const unfinished = `${target}.unfinished`
  for (const path of [target, unfinished]) {
    if (existsSync(path)) throw refused(`${path} exists already, and nothing is overwritten.`)
  }
  try {
    await mkdir(unfinished, { recursive: true, mode: 0o700 })
    const made = await fill(unfinished, order)
    await rename(unfinished, target)
    await syncFolders([dirname(target)])
    return made
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    throw error
  }
}

async function fill(
  folder: string,
  { dataFolder, withKey, build, now }: BackupOrder,
): Promise<{ manifest: Manifest; wrong: string[] }> {
  const files: Record<string, FileFacts> = {}
  const take = async (path: string) => {
    const facts = await copyFile(join(dataFolder, path), join(folder, path))
    if (facts) files[path] = facts
    return facts
  }
  // Before the database: its checkpoints must not be newer than that.
  await take(checkpointsName)
  const database = join(folder, databaseName)
  copyDatabase(join(dataFolder, databaseName), database)
  await chmod(database, 0o600)
  await syncFolders([database])
  files[databaseName] = await hashFile(database)
  const wrong = examineDatabase(database)
  const { size, captures } = readDatabase(database)

  const missing: string[] = []
  for (const { id, sha256 } of captures) {
    const facts = await take(`${capturesFolder}/${id}`)
    if (!facts) missing.push(id)
    else if (facts.sha256 !== sha256) wrong.push(`the capture ${id} is not what was saved`)
  }
  for (const path of await filesBelow(dataFolder)) {
    const isDone = path in files || path === spoolName || path.startsWith(databaseName)
    if (isDone || path.startsWith(`${capturesFolder}/`) || isOfThisFolderAlone(path)) continue
    await take(path)
  }
  if (withKey && !(await take(signingKeyName))) throw refused('There is no signing key to take.')

  const madeAt = now.toISOString()
  const manifest = { format: backupFormat, madeAt, build, size, withKey, missing, files } as const
  await syncFolders(Object.keys(files).map((path) => dirname(join(folder, path))))
  writeDurably(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`, 0o600)
  return { manifest, wrong }
}

/** Throws PINLAB_BACKUP_REFUSED where there is none. */
export async function readManifest(folder: string): Promise<Manifest> {
  let text: string
  try {
    text = await readFile(join(folder, manifestName), 'utf8')
  } catch (error) {
    throw refused(`${folder} is no backup: ${(error as Error).message}`)
  }
  try {
    const manifest: unknown = JSON.parse(text)
    if (isManifest.Check(manifest)) return manifest
  } catch {
    // Told below.
  }
  throw refused(`The ${manifestName} of ${folder} cannot be understood.`)
}

/** What is wrong with it, for people; empty for a good one. Throws PINLAB_BACKUP_REFUSED. */
export async function verifyBackup(
  folder: string,
): Promise<{ manifest: Manifest; wrong: string[] }> {
  const manifest = await readManifest(folder)
  const there = (await filesBelow(folder)).filter((path) => path !== manifestName)
  const wrong: string[] = []
  for (const path of there) {
    const known = Object.hasOwn(manifest.files, path) ? manifest.files[path] : undefined
    if (!known) {
      wrong.push(`${path} does not belong to it`)
      continue
    }
    const { byteLength, sha256 } = await hashFile(join(folder, path))
    if (byteLength !== known.byteLength || sha256 !== known.sha256) {
      wrong.push(`${path} is not what was written`)
    }
  }
  for (const path of Object.keys(manifest.files)) {
    if (!there.includes(path)) wrong.push(`${path} is missing`)
  }
  if (!there.includes(databaseName)) wrong.push(`it has no ${databaseName}`)
  // Only of a database that is what was written: the look into it would change nothing, but say less.
  if (wrong.length === 0) wrong.push(...examineDatabase(join(folder, databaseName)))
  return { manifest, wrong }
}
