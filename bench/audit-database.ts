// A database with a long log, made quickly: the rows that a lab would have written, through the same hashing code, in one transaction.

import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { segmentLength } from '../server/audit/audit-store.ts'
import { Frontier, leafHash } from '../server/audit/merkle.ts'
import { checkpointText, type Signer, signNote } from '../server/audit/note.ts'
import { openSigningKey } from '../server/audit/signing-key.ts'
import { Database } from '../server/plugins/database/database.ts'

const begunAt = Date.parse('2026-01-01T00:00:00Z')
const people = 50
const boards = 20
const types = [
  'dma.transfer.requested',
  'dma.transfer.ended',
  'dma.data.written',
  'board.registers',
]

/** Makes `count` events, a multiple of a segment's length, in an empty data folder. Returns the key that has signed them. */
export async function makeAuditDatabase(dataFolder: string, count: number): Promise<Signer> {
  await (await Database.open(dataFolder)).close()
  const signer = openSigningKey(dataFolder, [])
  const database = new SqliteDatabase(join(dataFolder, 'pinlab.db'))
  try {
    // Only while it is made: if this is cut off, it is made again.
    database.pragma('synchronous = OFF')
    database.transaction(() => fill(database, count, signer))()
  } finally {
    database.close()
  }
  return signer
}

function fill(database: SqliteDatabase.Database, count: number, signer: Signer): void {
  const addEvent = database.prepare(
    'INSERT INTO AuditEvent (seq, payload, leafHash, at, type, actor, board, session) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const addSegment = database.prepare(
    'INSERT INTO AuditSegment ("index", root, earliest, latest) VALUES (?, ?, ?, ?)',
  )
  const addCheckpoint = database.prepare(
    'INSERT INTO AuditCheckpoint (size, at, note) VALUES (?, ?, ?)',
  )
  const origin = signer.key.name
  const tree = new Frontier()
  for (let seq = 1; seq <= count; seq++) {
    const { at, type, actor, board, session, payload } = eventOf(seq)
    const leaf = leafHash(payload)
    addEvent.run(seq, payload, leaf, at, type, actor, board, session)
    const root = tree.append(leaf)[Math.log2(segmentLength)]
    if (!root) continue
    const earliest = eventOf(seq - segmentLength + 1).at
    addSegment.run(seq / segmentLength - 1, root, earliest, at)
    const note = signNote(checkpointText({ origin, size: seq, root: tree.root() }), [signer])
    addCheckpoint.run(seq, at, note)
  }
  database
    .prepare('INSERT INTO AuditTree (id, size, frontier) VALUES (1, ?, ?)')
    .run(tree.size, tree.toBytes())
  database
    .prepare('INSERT INTO AuditKey (key, since) VALUES (?, ?)')
    .run(signer.key.text, new Date(begunAt).toISOString())
}

/** What events of that database can be found by. */
export const searched = {
  actor: idOf(0xa, 3),
  board: 'board3',
  type: 'dma.transfer.ended',
  timeOf: (seq: number) => new Date(begunAt + seq * 20_000),
}

/** One every twenty seconds, of some people on some boards, thirty in a DMA session. */
function eventOf(seq: number) {
  const at = new Date(begunAt + seq * 20_000).toISOString()
  const type = types[seq % types.length] as string
  const actor = idOf(0xa, seq % people)
  const board = `board${seq % boards}`
  const session = idOf(0xb, Math.floor(seq / 30))
  const payload = JSON.stringify({
    ...{ v: 2, seq, at, monotonicNs: `${seq * 20_000}000000`, boot: idOf(0xc, 0), type, actor },
    by: { method: 'sign-in', credential: idOf(0xd, seq % people) },
    ...{ board, session, request: idOf(0xe, seq) },
    detail: { transfer: seq, channel: 'c2h0', byteLength: 4096 * (seq % 64) },
  })
  return { at, type, actor, board, session, payload }
}

function idOf(kind: number, n: number): string {
  return `01a22048-4377-74eb-ac1${kind.toString(16)}-${n.toString(16).padStart(12, '0')}`
}
