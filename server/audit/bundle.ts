// A bundle as a stream: what each file holds, how long it is, and the archive around them. docs/audit.md describes the format.

import { createHash } from 'node:crypto'
import { PinlabError } from '../errors.ts'
import type { Reader } from '../plugins/database/database.ts'
import { type BundleRequest, type Content, logFiles, sessionFiles } from './bundle-files.ts'
import {
  type BundleFile,
  bundleFiles,
  type Manifest,
  manifestFile,
  manifestTitle,
} from './bundle-format.ts'
import { rangesBetween, readPruned } from './export-store.ts'
import { signNote } from './note.ts'
import { endOfArchive, longestMember, paddingOf, tarHeader } from './tar.ts'

export interface Bundle {
  byteLength: number
  read(): AsyncGenerator<Buffer>
}

/** Reads the database only to know the lengths; `read` reads it again, batch by batch. */
export async function planBundle(reader: Reader, request: BundleRequest): Promise<Bundle> {
  const { from, to, session } = request
  const pruned = await readPruned(reader, from, to)
  const extent = { ranges: rangesBetween(pruned, from, to), session }
  const kind = session === undefined ? 'log' : 'session'
  const contents: Partial<Record<BundleFile, Content>> =
    session === undefined
      ? await logFiles(reader, request, extent)
      : await sessionFiles(reader, request, extent)
  const files = bundleFiles[kind].map((name) => ({ name, ...(contents[name] as Content) }))
  const manifestOf = (hashes: readonly string[]) => manifestNote(request, pruned, files, hashes)
  const manifestLength = manifestOf(files.map(() => '0'.repeat(64))).length
  const long = files.find(({ byteLength }) => byteLength > longestMember)
  if (long) {
    throw new PinlabError(
      'PINLAB_AUDIT_RANGE',
      `${long.name} would have more than 8 GiB. Begin with a later event (from).`,
    )
  }
  const lengths = [...files.map(({ byteLength }) => byteLength), manifestLength]
  const byteLength = lengths.reduce(
    (sum, length) => sum + endOfArchive.length / 2 + length + paddingOf(length),
    endOfArchive.length,
  )
  return { byteLength, read: () => archive(files, manifestOf) }
}

interface NamedContent extends Content {
  name: BundleFile
}

async function* archive(
  files: readonly NamedContent[],
  manifestOf: (hashes: readonly string[]) => Buffer,
): AsyncGenerator<Buffer> {
  const hashes: string[] = []
  for (const { name, byteLength, read } of files) {
    yield tarHeader(name, byteLength)
    const hash = createHash('sha256')
    let written = 0
    for await (const piece of read()) {
      hash.update(piece)
      written += piece.length
      yield piece
    }
    // What was erased or pruned in the meantime is not there any more; whoever asks gets a broken answer rather than a wrong one.
    if (written !== byteLength) throw new Error(`${name} changed while it was exported`)
    yield Buffer.alloc(paddingOf(byteLength))
    hashes.push(hash.digest('hex'))
  }
  const manifest = manifestOf(hashes)
  yield tarHeader(manifestFile, manifest.length)
  yield manifest
  yield Buffer.alloc(paddingOf(manifest.length))
  yield endOfArchive
}

function manifestNote(
  request: BundleRequest,
  pruned: Manifest['pruned'],
  files: readonly NamedContent[],
  hashes: readonly string[],
): Buffer {
  const { from, to, session, madeAt, madeBy, build, signer } = request
  const manifest: Manifest = {
    kind: session === undefined ? 'log' : 'session',
    origin: signer.key.name,
    ...(session === undefined ? {} : { session }),
    from,
    to,
    pruned,
    madeAt: madeAt.toISOString(),
    madeBy,
    build,
    files: Object.fromEntries(
      files.map(({ name, byteLength }, n) => [name, { byteLength, sha256: hashes[n] as string }]),
    ),
  }
  return Buffer.from(signNote(`${manifestTitle}\n${JSON.stringify(manifest)}\n`, [signer]))
}
