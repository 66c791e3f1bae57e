// Files of a backup: found, copied and hashed, and on the disk when it says so.

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export interface FileFacts {
  byteLength: number
  sha256: string
}

/** The regular files below a folder, as paths with `/`, in order. Links and devices are not followed. */
export async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = []
  const look = async (below: string) => {
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) await look(path)
      else if (entry.isFile()) found.push(path)
    }
  }
  await look('')
  return found.sort()
}

export async function hashFile(file: string): Promise<FileFacts> {
  const hash = createHash('sha256')
  let byteLength = 0
  for await (const piece of createReadStream(file)) {
    hash.update(piece)
    byteLength += piece.length
  }
  return { byteLength, sha256: hash.digest('hex') }
}

/** Only for this user. Null: there is no such file any more. */
export async function copyFile(from: string, to: string): Promise<FileFacts | null> {
  const source = await open(from, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (!source) return null
  try {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 })
    const target = await open(to, 'wx', 0o600)
    try {
      const hash = createHash('sha256')
      let byteLength = 0
      for await (const piece of source.createReadStream({ autoClose: false })) {
        hash.update(piece)
        byteLength += piece.length
        await target.writeFile(piece)
      }
      await target.sync()
      return { byteLength, sha256: hash.digest('hex') }
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

/** The names in these folders are on the disk. */
export async function syncFolders(folders: Iterable<string>): Promise<void> {
  for (const folder of new Set(folders)) {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  }
}
