// What the database refused to write, kept in a file whose room was taken while there was some: it is overwritten in place and needs
// nothing of a full disk. Entries stand one after the other, each with its length and its hash; the rest is zeros.

import { createHash } from 'node:crypto'
import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { PinlabError } from '../errors.ts'
import { auditFolder } from './signing-key.ts'

export const spoolByteLength = 1024 * 1024
const lengthByteLength = 4
const hashByteLength = 32
const headByteLength = lengthByteLength + hashByteLength

const hashOf = (text: Buffer) => createHash('sha256').update(text).digest()

export class Spool {
  /** Where the next entry goes. */
  #end = 0
  #isClosed = false

  private constructor(private readonly descriptor: number) {}

  /** Takes its room on the disk if need be. `left`: what a process before has put there. Throws PINLAB_START_SPOOL. */
  static open(dataFolder: string): { spool: Spool; left: string[] } {
    const folder = auditFolder(dataFolder)
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const spool = new Spool(openOrMake(join(folder, 'spool'), folder))
      return { spool, left: spool.#read() }
    } catch (error) {
      throw new PinlabError(
        'PINLAB_START_SPOOL',
        `${join(folder, 'spool')}, which keeps what happens while the database cannot be written, needs ${spoolByteLength / 1024} KiB: ${(error as Error).message}. Free some space, or give this user the right to write there.`,
        { cause: error },
      )
    }
  }

  /** The bytes that are taken. */
  get used(): number {
    return this.#end
  }

  /** Returns when the entry is on the disk. Throws what the disk says, and where the file is full. */
  append(entry: string): void {
    const text = Buffer.from(entry)
    const byteLength = headByteLength + text.length
    if (this.#end + byteLength > spoolByteLength) throw new Error('the spool is full')
    const head = Buffer.alloc(lengthByteLength)
    head.writeUInt32BE(text.length)
    this.#write(Buffer.concat([head, hashOf(text), text]), this.#end)
    this.#end += byteLength
  }

  /** Everything in it is in the database. Leaves zeros: it held names and addresses of people. */
  clear(): void {
    const byteLength = this.#end
    this.#end = 0
    if (byteLength > 0) this.#write(Buffer.alloc(byteLength), 0)
  }

  close(): void {
    this.#isClosed = true
    closeSync(this.descriptor)
  }

  /** Up to the first entry that is not whole: a process that dies while it writes one has told nobody that it was kept. */
  #read(): string[] {
    const bytes = Buffer.alloc(spoolByteLength)
    for (let read = 0, count = 1; count > 0; read += count) {
      count = readSync(this.descriptor, bytes, read, bytes.length - read, read)
    }
    const entries: string[] = []
    while (this.#end + headByteLength <= bytes.length) {
      const byteLength = bytes.readUInt32BE(this.#end)
      const start = this.#end + headByteLength
      const text = bytes.subarray(start, start + byteLength)
      const isWhole = byteLength > 0 && text.length === byteLength
      if (!isWhole || !hashOf(text).equals(bytes.subarray(start - hashByteLength, start))) break
      entries.push(text.toString())
      this.#end = start + byteLength
    }
    return entries
  }

  #write(bytes: Buffer, position: number): void {
    // Its number may be another file's by now.
    if (this.#isClosed) throw new Error('the spool is closed')
    for (let written = 0; written < bytes.length; ) {
      const rest = bytes.length - written
      written += writeSync(this.descriptor, bytes, written, rest, position + written)
    }
    fsyncSync(this.descriptor)
  }
}

/** As long as it is to be, with what it held. */
function openOrMake(file: string, folder: string): number {
  const descriptor = openSync(file, 'a+', 0o600)
  try {
    const { size } = fstatSync(descriptor)
    if (size < spoolByteLength) writeSync(descriptor, Buffer.alloc(spoolByteLength - size))
    if (fstatSync(descriptor).size < spoolByteLength) throw new Error('the disk took only a part')
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  const itself = openSync(folder, 'r')
  try {
    fsyncSync(itself)
  } finally {
    closeSync(itself)
  }
  // What is appended goes to the end whatever position is named.
  return openSync(file, 'r+')
}
