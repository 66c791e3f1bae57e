// The archive's files: found without reading them, then read piece by piece.

import { createHash } from 'node:crypto'
import { type BundleKind, bundleFiles, manifestFile } from '../bundle-format.ts'
import { blockByteLength, endOfArchive, paddingOf, tarHeader } from '../tar.ts'
import type { ByteSource } from './byte-source.ts'
import { Tampered, Unusable } from './verdict.ts'

const pieceByteLength = 256 * 1024
/** Longer lines hold nothing that Pinlab would have written. */
export const longestLine = 16 * 1024 * 1024

const nameByteLength = 100
const sizeAt = 124

export class Member {
  constructor(
    readonly name: string,
    readonly byteLength: number,
    private readonly offset: number,
    private readonly source: ByteSource,
  ) {}

  /** A piece stays as it is while the next one is read. */
  *pieces(): Generator<Buffer> {
    for (let at = 0; at < this.byteLength; at += pieceByteLength) {
      yield this.source.read(this.offset + at, Math.min(pieceByteLength, this.byteLength - at))
    }
  }

  /** All of a file that has but one line. */
  whole(): Buffer {
    if (this.byteLength > longestLine) throw new Tampered(`${this.name} is too long.`)
    return this.source.read(this.offset, this.byteLength)
  }

  sha256(): string {
    const hash = createHash('sha256')
    for (const piece of this.pieces()) hash.update(piece)
    return hash.digest('hex')
  }
}

export interface Members {
  kind: BundleKind
  file(name: string): Member
}

/** Each byte that is in none of the files must be what the format says. */
export function findMembers(source: ByteSource): Members {
  const start = source.read(0, Math.min(nameByteLength, source.byteLength))
  if (!isNamed(start, bundleFiles.log[0])) throw new Unusable('This is no bundle of Pinlab.')
  const found = new Map<string, Member>()
  let offset = 0
  let kind: BundleKind = 'log'
  const take = (name: string) => {
    const header = readBlock(source, offset)
    const size = header.toString('latin1', sizeAt, sizeAt + 11)
    const byteLength = /^[0-7]{11}$/.test(size) ? Number.parseInt(size, 8) : 0
    if (!header.equals(tarHeader(name, byteLength))) {
      throw new Tampered(`The archive's header of ${name} was changed, or the file is missing.`)
    }
    const content = offset + blockByteLength
    const padding = paddingOf(byteLength)
    offset = content + byteLength + padding
    if (offset > source.byteLength) throw new Tampered(`The archive ends in ${name}.`)
    if (source.read(offset - padding, padding).some((byte) => byte !== 0)) {
      throw new Tampered(`The archive was changed behind ${name}.`)
    }
    found.set(name, new Member(name, byteLength, content, source))
  }
  const [first, second, third] = bundleFiles.log
  take(first)
  take(second)
  if (!isNamed(readBlock(source, offset), third)) kind = 'session'
  for (const name of bundleFiles[kind].slice(2)) take(name)
  take(manifestFile)
  const isWhole =
    source.byteLength === offset + endOfArchive.length &&
    source.read(offset, endOfArchive.length).equals(endOfArchive)
  if (!isWhole) throw new Tampered('The end of the archive was changed.')
  return { kind, file: (name) => found.get(name) as Member }
}

function readBlock(source: ByteSource, offset: number): Buffer {
  if (offset + blockByteLength > source.byteLength) throw new Tampered('The archive is cut off.')
  return source.read(offset, blockByteLength)
}

const isNamed = (header: Buffer, name: string) =>
  header.subarray(0, nameByteLength).equals(tarHeader(name, 0).subarray(0, nameByteLength))

/** The lines, without their newlines. */
export function* linesOf(name: string, pieces: Iterable<Buffer>): Generator<Buffer> {
  let begun: Buffer[] = []
  let begunByteLength = 0
  const measured = (byteLength: number) => {
    if (byteLength > longestLine) throw new Tampered(`${name} has a line that is too long.`)
    return byteLength
  }
  for (const piece of pieces) {
    let start = 0
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, start)) {
      const line = piece.subarray(start, end)
      measured(begunByteLength + line.length)
      yield begun.length === 0 ? line : Buffer.concat([...begun, line])
      begun = []
      begunByteLength = 0
      start = end + 1
    }
    if (start === piece.length) continue
    begun.push(piece.subarray(start))
    begunByteLength = measured(begunByteLength + piece.length - start)
  }
  if (begunByteLength > 0) throw new Tampered(`${name} ends within a line.`)
}
