// Where a bundle is read from, piece by piece.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { Unusable } from './verdict.ts'

export interface ByteSource {
  readonly byteLength: number
  /** Exactly so many bytes, which are there. */
  read(offset: number, byteLength: number): Buffer
}

export const bytesInMemory = (bytes: Buffer): ByteSource => ({
  byteLength: bytes.length,
  read: (offset, byteLength) => bytes.subarray(offset, offset + byteLength),
})

/** Calls `work` with the file's bytes. Throws Unusable for one that cannot be read. */
export function withFile<T>(path: string, work: (source: ByteSource) => T): T {
  const descriptor = reading(path, () => openSync(path, 'r'))
  try {
    const stat = reading(path, () => fstatSync(descriptor))
    if (!stat.isFile()) throw new Unusable(`${path} is not a file.`)
    return work({
      byteLength: stat.size,
      read: (offset, byteLength) =>
        reading(path, () => readAll(descriptor, Buffer.allocUnsafe(byteLength), offset)),
    })
  } finally {
    closeSync(descriptor)
  }
}

function readAll(descriptor: number, into: Buffer, offset: number): Buffer {
  for (let done = 0; done < into.length; ) {
    const count = readSync(descriptor, into, done, into.length - done, offset + done)
    if (count === 0) throw new Error('it became shorter')
    done += count
  }
  return into
}

function reading<T>(path: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw new Unusable(`${path} cannot be read: ${(error as Error).message}.`)
  }
}
