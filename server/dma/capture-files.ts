// The bytes of captures: one file each in the folder `captures` of the data folder, whole or not there.

import { createHash } from 'node:crypto'
import { chmod, type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PinlabError } from '../errors.ts'

/** So much of a capture is in memory at once. */
export const pieceByteLength = 4 * 1024 * 1024

export class CaptureFiles {
  readonly #folder: string

  constructor(dataFolder: string) {
    this.#folder = join(dataFolder, 'captures')
  }

  /** At start. What is not known is what a process left that died while it wrote, or before it removed. Returns how many. */
  async prepare(known: ReadonlySet<string>): Promise<number> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await chmod(this.#folder, 0o700)
    const left = (await readdir(this.#folder)).filter((name) => !known.has(name))
    for (const name of left) await rm(join(this.#folder, name), { recursive: true, force: true })
    return left.length
  }

  /** Its SHA-256, when the bytes are on the disk under their name. Of what fails nothing stays. */
  async write(id: string, pieces: AsyncIterable<Uint8Array>): Promise<string> {
    const name = this.#nameOf(id)
    const unfinished = `${name}.part`
    try {
      const sha256 = await this.#fill(unfinished, pieces)
      await rename(unfinished, name)
      await this.#syncFolder()
      return sha256
    } catch (error) {
      for (const left of [unfinished, name]) await rm(left, { force: true }).catch(() => {})
      throw refusalOf(error)
    }
  }

  async remove(id: string): Promise<void> {
    await rm(this.#nameOf(id), { force: true })
  }

  /** To be closed by whoever asked. Refuses a file that is not as long as it was. */
  async open(id: string, byteLength: number): Promise<FileHandle> {
    let file: FileHandle | undefined
    try {
      file = await open(this.#nameOf(id), 'r')
      if ((await file.stat()).size === byteLength) return file
    } catch {
      // Told below.
    }
    await file?.close()
    throw lost()
  }

  async #fill(name: string, pieces: AsyncIterable<Uint8Array>): Promise<string> {
    const file = await open(name, 'wx', 0o600)
    try {
      const hash = createHash('sha256')
      for await (const piece of pieces) {
        hash.update(piece)
        await file.writeFile(piece)
      }
      await file.sync()
      return hash.digest('hex')
    } finally {
      await file.close()
    }
  }

  /** A name is on the disk when its folder is. */
  async #syncFolder(): Promise<void> {
    const folder = await open(this.#folder, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  }

  #nameOf(id: string): string {
    return join(this.#folder, id)
  }
}

export function lost(): PinlabError {
  return new PinlabError(
    'PINLAB_CAPTURE_LOST',
    'The file of this capture is missing from the data folder, or is not what was saved. Restore it from a backup.',
  )
}

/** The next bytes of an open file from `offset` on, in this buffer. Refuses a file that ends before. */
export async function readPiece(file: FileHandle, into: Buffer, offset: number): Promise<Buffer> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await file.read(into, done, into.length - done, offset + done)
    if (bytesRead === 0) throw lost()
    done += bytesRead
  }
  return into
}

/** What a disk says; the errors of whoever gave the pieces are theirs. */
function refusalOf(error: unknown): unknown {
  const { syscall, code } = error as NodeJS.ErrnoException
  if (error instanceof PinlabError || syscall === undefined) return error
  const isFull = code === 'ENOSPC' || code === 'EDQUOT'
  const what = isFull ? 'The disk of the data folder is full' : `The disk refused it (${code})`
  return new PinlabError(
    'PINLAB_CAPTURE_DISK',
    `${what}, so nothing was saved. Download the bytes, or ask the keeper to look at the disk (page Doctor).`,
    { cause: error, members: { errno: code } },
  )
}
