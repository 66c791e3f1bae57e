// `pinlab backup`, `pinlab backup verify` and `pinlab restore`: print what they did and set the exit code: 1 where something is
// wrong with the backup. What cannot be done is thrown, as PinlabError.

import { resolve } from 'node:path'
import { readDataFolder } from '../../config.ts'
import { PinlabError } from '../../errors.ts'
import { version } from '../../project-root.ts'
import { makeBackup, verifyBackup as verify } from './backup.ts'
import type { Manifest } from './manifest.ts'
import { restoreBackup } from './restore.ts'

const MiB = 1024 * 1024

interface Place {
  folder: string
  /** The data folder, if not the one of the environment. */
  data?: string | undefined
}

export async function backup({
  folder,
  data,
  withKey,
}: Place & { withKey: boolean }): Promise<void> {
  const target = resolve(folder)
  const order = { dataFolder: dataFolderOf(data), target, withKey, build: version }
  const { manifest, wrong } = await onDisk(() => makeBackup({ ...order, now: new Date() }))
  say(`${target} is a backup of ${order.dataFolder}: ${contents(manifest)}.`)
  const { missing } = manifest
  if (missing.length > 0) {
    say(`The bytes of ${missing.length} captures were not there: ${missing.join(', ')}.`)
  }
  say(
    withKey
      ? 'It holds the signing key: whoever reads it can sign another history. Keep it as you keep that key.'
      : 'The signing key is not in it. Keep a copy of that elsewhere, or add --with-key.',
  )
  tell(wrong)
}

export async function verifyBackup({ folder }: { folder: string }): Promise<void> {
  const { manifest, wrong } = await onDisk(() => verify(resolve(folder)))
  if (wrong.length === 0) say(`The backup is whole: ${contents(manifest)}, of ${manifest.madeAt}.`)
  tell(wrong)
}

export async function restore({ folder, data }: Place): Promise<void> {
  const dataFolder = dataFolderOf(data)
  const order = { folder: resolve(folder), dataFolder, now: new Date() }
  const { manifest, wrong, ...done } = await onDisk(() => restoreBackup(order))
  tell(wrong)
  if (wrong.length > 0) {
    say('Nothing was restored.')
    return
  }
  say(`${dataFolder} is as it was on ${manifest.madeAt}: ${contents(manifest)}.`)
  if (done.kept) say(`What was there is in ${done.kept}. Remove it when you do not need it.`)
  const stayed = [
    ...(done.keptKey ? ['the signing key'] : []),
    ...(done.keptCheckpoints ? ['the checkpoints that were handed out'] : []),
  ]
  if (stayed.length > 0) say(`As they were: ${stayed.join(' and ')}.`)
  if (!done.keptKey && !manifest.withKey) {
    say(
      'There is no signing key, so a new one is made at the next start. Put the old one back first if you have it.',
    )
  }
  say('The next start records the restore in the audit log.')
}

const dataFolderOf = (data: string | undefined) =>
  data === undefined ? readDataFolder(process.env) : resolve(data)

function contents({ files, size }: Manifest): string {
  const all = Object.values(files)
  const byteLength = all.reduce((sum, file) => sum + file.byteLength, 0)
  const events = size === null ? '' : `, ${size} events in the log`
  return `${all.length} files, ${(byteLength / MiB).toFixed(1)} MiB${events}`
}

function tell(wrong: string[]): void {
  if (wrong.length === 0) return
  say(['Something is wrong with it:', ...wrong.map((what) => `- ${what}`)].join('\n'))
  process.exitCode = 1
}

const say = (text: string) => process.stdout.write(`${text}\n`)

/** What the disk or the database says becomes an error that is shown without a stack. */
async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { code, message, syscall } = error as NodeJS.ErrnoException
    const isOfDisk = syscall !== undefined || code?.startsWith('SQLITE_')
    if (error instanceof PinlabError || !isOfDisk) throw error
    throw new PinlabError('PINLAB_BACKUP_REFUSED', message, { cause: error })
  }
}
