// Bundles without a lab, written apart from the exporter: as they should be, and as somebody who has the key could make them.

import { createHash } from 'node:crypto'
import {
  consistencyProof,
  Frontier,
  inclusionProof,
  leafHash,
  type SubtreeHash,
} from '../../server/audit/merkle.ts'
import { checkpointText, type Signer, signNote } from '../../server/audit/note.ts'
import { newSigner } from '../../server/audit/signing-key.ts'
import { paddingOf, tarHeader } from '../../server/audit/tar.ts'

export interface Forgery {
  /** All events of the log, from the first on. */
  events: readonly string[]
  /** The oldest first; `isVouchedFor`: there is a statement of it and the one before. */
  keys: readonly { signer: Signer; isVouchedFor?: boolean }[]
  from?: number
  /** Sizes with the number of the key that signs; the last is over all events, by the newest, if not said. */
  checkpoints?: readonly (readonly [size: number, key: number])[]
  pruned?: readonly (readonly [number, number])[]
  since?: number
  session?: string
  parts?: readonly object[]
}

export type Files = Map<string, Buffer>

export const signer = (name = 'pinlab/test') => newSigner(name)

export const eventTexts = (count: number, session = 's'): string[] =>
  Array.from({ length: count }, (_, n) =>
    JSON.stringify({ v: 2, seq: n + 1, at: 'then', type: 'board.fault', actor: 'system', session }),
  )

export function headOf(events: readonly string[], size: number): Frontier {
  const tree = new Frontier()
  for (const event of events.slice(0, size)) tree.append(leafHash(event))
  return tree
}

/** A signed checkpoint over the first `size` events. */
export function checkpointOf(events: readonly string[], size: number, by: Signer): string {
  const root = headOf(events, size).root()
  return signNote(checkpointText({ origin: by.key.name, size, root }), [by])
}

export function statementOf(old: Signer, key: Signer): string {
  const text = `pinlab-audit-key/v1\n${old.key.text}\n${key.key.text}\n2026-11-28T00:00:00.000Z\n`
  return signNote(text, [old, key])
}

const jsonl = (values: readonly object[]) =>
  Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''))
const hex = (hashes: readonly Buffer[]) => hashes.map((hash) => hash.toString('hex'))

export async function forgeFiles(forgery: Forgery): Promise<Files> {
  const { events, keys, from = 1, pruned = [], since, session, parts = [] } = forgery
  const to = events.length
  const subtree: SubtreeHash = async (start, end) => headOf(events.slice(start, end), to).root()
  const { checkpoints = [[to, keys.length - 1]] } = forgery
  const listed = events.flatMap((event, n) => {
    const seq = n + 1
    const isGone = seq < from || pruned.some(([first, last]) => first <= seq && seq <= last)
    const isOther = session !== undefined && JSON.parse(event).session !== session
    return isGone || isOther ? [] : [{ seq, event }]
  })
  const consistency = since && {
    from: since,
    hashes: hex(await consistencyProof(since, to, subtree)),
  }
  const frontier = hex(headOf(events, from - 1).roots)
  return new Map([
    [
      'keys.jsonl',
      jsonl(
        keys.map(({ signer: one, isVouchedFor }, n) => ({
          key: one.key.text,
          since: '2026-11-28T00:00:00.000Z',
          statement: isVouchedFor
            ? statementOf((keys[n - 1] ?? { signer: one }).signer, one)
            : null,
        })),
      ),
    ],
    [
      'checkpoints.jsonl',
      jsonl(
        checkpoints.map(([size, key]) => ({
          size,
          at: '2026-11-28T00:00:00.000Z',
          note: checkpointOf(events, size, (keys[key] as { signer: Signer }).signer),
        })),
      ),
    ],
    ...(session === undefined
      ? ([
          ['proof.json', jsonl([{ from, to, frontier, consistency: consistency ?? null }])],
          ['hashes.bin', Buffer.concat(events.slice(from - 1).map((event) => leafHash(event)))],
        ] as const)
      : ([['proofs.jsonl', jsonl(await proofsOf(listed, to, subtree))]] as const)),
    ['parts.jsonl', jsonl(parts)],
    ['events.jsonl', Buffer.from(listed.map(({ event }) => `${event}\n`).join(''))],
  ])
}

const proofsOf = (listed: readonly { seq: number }[], size: number, subtree: SubtreeHash) =>
  Promise.all(
    listed.map(async ({ seq }) => ({
      seq,
      hashes: hex(await inclusionProof(seq - 1, size, subtree)),
    })),
  )

export function manifestOf(files: Files, forgery: Forgery, changes: object = {}): Buffer {
  const { events, keys, from = 1, pruned = [], session } = forgery
  const { signer: newest } = keys.at(-1) as { signer: Signer }
  const manifest = {
    kind: session === undefined ? 'log' : 'session',
    origin: newest.key.name,
    ...{ session, from, to: events.length, pruned, madeAt: 'then', madeBy: 'me', build: '0' },
    files: Object.fromEntries(
      [...files].map(([name, bytes]) => {
        const sha256 = createHash('sha256').update(bytes).digest('hex')
        return [name, { byteLength: bytes.length, sha256 }]
      }),
    ),
    ...changes,
  }
  return Buffer.from(signNote(`pinlab-audit-bundle/v1\n${JSON.stringify(manifest)}\n`, [newest]))
}

export function archiveOf(files: Iterable<readonly [string, Buffer]>): Buffer {
  const blocks = [...files].flatMap(([name, bytes]) => [
    tarHeader(name, bytes.length),
    bytes,
    Buffer.alloc(paddingOf(bytes.length)),
  ])
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

/** `edit` changes files before the manifest is signed: what whoever has the key can do. */
export async function forge(
  forgery: Forgery,
  edit: (files: Files) => void = () => {},
  changes: object = {},
): Promise<Buffer> {
  const files = await forgeFiles(forgery)
  edit(files)
  return archiveOf([...files, ['manifest.txt', manifestOf(files, forgery, changes)]])
}

/** `edit` changes files after it: what anybody can do. */
export async function tamper(forgery: Forgery, edit: (files: Files) => void): Promise<Buffer> {
  const files = await forgeFiles(forgery)
  const manifest = manifestOf(files, forgery)
  const all = new Map([...files, ['manifest.txt', manifest] as const])
  edit(all)
  return archiveOf(all)
}
