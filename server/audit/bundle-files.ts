// What stands in each file of a bundle.

import type { AuditPartKind } from '../contract/audit.ts'
import type { Reader } from '../plugins/database/database.ts'
import { segmentLength } from './audit-store.ts'
import {
  readCheckpoints,
  readFrontierOf,
  readKeys,
  readLeafHashes,
  subtreesOf,
} from './checkpoint-store.ts'
import {
  type Extent,
  readEventBatches,
  readEventsByteLength,
  readPartLines,
  readPartsByteLength,
  readSequences,
  readStoredLeafHashes,
} from './export-store.ts'
import { consistencyProof, hashByteLength, inclusionProof, inclusionProofLength } from './merkle.ts'
import type { Signer } from './note.ts'

/** What a bundle is to tell of. */
export interface BundleRequest {
  from: number
  /** The size of a checkpoint that the log has. */
  to: number
  session?: string | undefined
  /** A size below `from`, from which the log is to be proved to go on. */
  since?: number | undefined
  /** What may be seen of the parts. */
  kinds: readonly AuditPartKind[]
  madeAt: Date
  madeBy: string
  build: string
  /** Of the checkpoint. */
  signer: Signer
}

/** One file of it. The length is known before the content is read. */
export interface Content {
  byteLength: number
  read(): AsyncIterable<Buffer> | Iterable<Buffer>
}

const checkpointsAtOnce = 500
const linesTogether = 64 * 1024

type Lines = AsyncIterable<string> | Iterable<string>

export async function logFiles(reader: Reader, request: BundleRequest, extent: Extent) {
  const { from, to } = request
  const checkpoints = () => checkpointLines(reader, Math.max(1, from - 1), to)
  return {
    ...(await commonFiles(reader, request, extent)),
    'checkpoints.jsonl': await measured(checkpoints),
    'proof.json': inMemory(await proof(reader, request)),
    'hashes.bin': {
      byteLength: (to - from + 1) * hashByteLength,
      read: () => leafHashes(reader, from, to),
    },
  }
}

export async function sessionFiles(reader: Reader, request: BundleRequest, extent: Extent) {
  const { to } = request
  let proofsByteLength = 0
  for await (const seq of readSequences(reader, extent)) {
    const count = inclusionProofLength(seq - 1, to)
    const hashesByteLength = count * (2 * hashByteLength + 3) - Math.min(count, 1)
    proofsByteLength += proofLine(seq, []).length + hashesByteLength
  }
  return {
    ...(await commonFiles(reader, request, extent)),
    'checkpoints.jsonl': await measured(() => checkpointLines(reader, to, to)),
    'proofs.jsonl': {
      byteLength: proofsByteLength,
      read: () => joined(inclusionProofs(reader, to, extent)),
    },
  }
}

async function commonFiles(reader: Reader, { kinds, signer }: BundleRequest, extent: Extent) {
  const keys = await readKeys(reader)
  // One that came after the checkpoint was made does not sign this bundle.
  const last = keys.findIndex(({ key }) => key === signer.key.text)
  const lines = keys
    .slice(0, last + 1)
    .map(({ key, since, statement }) => line({ key, since: since.toISOString(), statement }))
  return {
    'keys.jsonl': inMemory(lines.join('')),
    'parts.jsonl': {
      byteLength: await readPartsByteLength(reader, extent, kinds),
      read: () => joined(readPartLines(reader, extent, kinds)),
    },
    'events.jsonl': {
      byteLength: await readEventsByteLength(reader, extent),
      read: () => eventLines(reader, extent),
    },
  }
}

const line = (value: object) => `${JSON.stringify(value)}\n`
const proofLine = (seq: number, hashes: readonly string[]) => line({ seq, hashes })
const hex = (hashes: readonly Buffer[]) => hashes.map((hash) => hash.toString('hex'))

function inMemory(text: string): Content {
  const bytes = Buffer.from(text)
  return { byteLength: bytes.length, read: () => [bytes] }
}

/** Of lines that never change: reads them twice. */
async function measured(lines: () => Lines): Promise<Content> {
  let byteLength = 0
  for await (const text of lines()) byteLength += Buffer.byteLength(text)
  return { byteLength, read: () => joined(lines()) }
}

async function* joined(lines: Lines): AsyncGenerator<Buffer> {
  let text = ''
  for await (const one of lines) {
    text += one
    if (text.length < linesTogether) continue
    yield Buffer.from(text)
    text = ''
  }
  yield Buffer.from(text)
}

async function* eventLines(reader: Reader, extent: Extent): AsyncGenerator<Buffer> {
  for await (const { text } of readEventBatches(reader, extent)) yield Buffer.from(`${text}\n`)
}

async function* checkpointLines(reader: Reader, first: number, last: number) {
  for (let from = first; from <= last; ) {
    const rows = await readCheckpoints(reader, from, checkpointsAtOnce)
    for (const { size, at, note } of rows) {
      if (size <= last) yield line({ size, at: at.toISOString(), note })
    }
    from = (rows.at(-1)?.size ?? last) + 1
  }
}

async function proof(reader: Reader, { from, to, since }: BundleRequest): Promise<string> {
  const frontier = hex((await readFrontierOf(reader, from - 1)).roots)
  if (since === undefined || since >= from - 1)
    return line({ from, to, frontier, consistency: null })
  const hashes = hex(await consistencyProof(since, to, await subtreesOf(reader, to)))
  return line({ from, to, frontier, consistency: { from: since, hashes } })
}

async function* inclusionProofs(reader: Reader, size: number, extent: Extent) {
  const subtree = await subtreesOf(reader, size)
  for await (const seq of readSequences(reader, extent)) {
    yield proofLine(seq, hex(await inclusionProof(seq - 1, size, subtree)))
  }
}

async function* leafHashes(reader: Reader, from: number, to: number): AsyncGenerator<Buffer> {
  for (let start = from - 1; start < to; ) {
    const end = Math.min(to, (Math.floor(start / segmentLength) + 1) * segmentLength)
    const stored = await readStoredLeafHashes(reader, [start + 1, end])
    const isWhole = stored.length === (end - start) * hashByteLength
    yield isWhole ? stored : Buffer.concat(await readLeafHashes(reader, start, end))
    start = end
  }
}
