// Reads what the kernel says about this host in /sys, /proc, /dev and /run. The folders are given, so that tests can lay out others.

import { access, constants, readdir, readFile, readlink, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'

export interface Roots {
  sys: string
  proc: string
  dev: string
  run: string
  etc: string
}

export const realRoots: Roots = {
  sys: '/sys',
  proc: '/proc',
  dev: '/dev',
  run: '/run',
  etc: '/etc',
}

/** The trimmed text of a file; null where there is none or it is not for us. */
export async function text(...path: string[]): Promise<string | null> {
  return readFile(join(...path), 'utf8').then(
    (content) => content.trim(),
    () => null,
  )
}

/** The names in a folder, sorted; none where there is no folder. */
export async function names(...path: string[]): Promise<string[]> {
  return (await readdir(join(...path)).catch(() => [])).sort()
}

/** The last part of where a link leads: the kernel says by links which driver or group a device has. */
export async function linkName(...path: string[]): Promise<string | null> {
  return readlink(join(...path)).then(basename, () => null)
}

export async function exists(...path: string[]): Promise<boolean> {
  return stat(join(...path)).then(
    () => true,
    () => false,
  )
}

export interface FileRights {
  owner: string
  group: string
  /** The permission bits. */
  mode: number
  /** This process may open it for reading and writing. */
  mayUse: boolean
}

/** Null where there is no such file. */
export async function rights(
  { etc }: Pick<Roots, 'etc'>,
  path: string,
): Promise<FileRights | null> {
  const found = await stat(path).catch(() => null)
  if (!found) return null
  const mayUse = await access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  )
  return {
    owner: await nameOf(join(etc, 'passwd'), found.uid),
    group: await nameOf(join(etc, 'group'), found.gid),
    mode: found.mode & 0o777,
    mayUse,
  }
}

/** Both files have the number in the third field; who is not in them (LDAP) is shown by number. */
async function nameOf(file: string, id: number): Promise<string> {
  const lines = ((await text(file)) ?? '').split('\n')
  const line = lines.map((one) => one.split(':')).find(([, , number]) => number === String(id))
  return line?.[0] ?? String(id)
}
