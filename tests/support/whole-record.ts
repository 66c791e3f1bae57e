// What must hold of every log, whatever happened to its server. Without a test runner, since a soak asks too.

import assert from 'node:assert/strict'
import { Frontier, leafHash } from '../../server/audit/merkle.ts'
import { openNote, parseCheckpoint, parseVerifierKey } from '../../server/audit/note.ts'
import type { Reader } from '../../server/plugins/database/database.ts'

export interface RecordedEvent {
  seq: number
  at: string
  type: string
  actor: string
  board?: string
  session?: string
  request?: string
  detail?: Record<string, unknown>
}

export interface LogRows {
  events: { seq: number; payload: string; leafHash: Uint8Array | null }[]
  checkpoints: { size: number; note: string }[]
  keys: { key: string }[]
  tree: { size: number; frontier: Uint8Array }
}

/**
 * Numbers without a gap, leaves and tree as the payloads give them, and each checkpoint's note. Returns the events. `before`: the
 * tree over events that were checked already; it is grown to the new size.
 */
export function checkLog(
  { events: rows, checkpoints, keys, tree: row }: LogRows,
  before = new Frontier(),
): RecordedEvent[] {
  const verifiers = keys.map(({ key }) => parseVerifierKey(key))
  const notes = new Map(checkpoints.map(({ size, note }) => [size, note]))
  const events = rows.map(({ seq, payload, leafHash: stored }) => {
    const event = JSON.parse(payload) as RecordedEvent
    assert.deepEqual([seq, event.seq], [before.size + 1, before.size + 1])
    const leaf = leafHash(payload)
    assert.ok(leaf.equals(stored ?? new Uint8Array()), `the leaf of event ${seq}`)
    before.append(leaf)
    const note = notes.get(seq)
    if (note) {
      const { root } = parseCheckpoint(openNote(note, verifiers).text)
      assert.ok(root.equals(before.root()), `the checkpoint at ${seq}`)
      notes.delete(seq)
    }
    return event
  })
  assert.deepEqual([...notes.keys()], [])
  assert.equal(row.size, before.size)
  assert.ok(Frontier.fromBytes(row.size, row.frontier).root().equals(before.root()), 'the tree')
  return events
}

export async function readWholeRecord(reader: Reader): Promise<RecordedEvent[]> {
  return checkLog({
    events: await reader.auditEvent.findMany({ orderBy: { seq: 'asc' } }),
    checkpoints: await reader.auditCheckpoint.findMany(),
    keys: await reader.auditKey.findMany(),
    tree: await reader.auditTree.findUniqueOrThrow({ where: { id: 1 } }),
  })
}

const endings = ['dma.lock.failed', 'dma.lock.ended', 'dma.lock.orphaned']

/** Each lock and each transfer that was asked for has one end. */
export function checkEverythingEnded(events: readonly RecordedEvent[]): void {
  const sessionsOf = (types: readonly string[]) =>
    events.flatMap(({ type, session }) => (types.includes(type) ? session : [])).toSorted()
  assert.deepEqual(sessionsOf(endings), sessionsOf(['dma.lock.requested']))
  const transfersOf = (type: string) =>
    events
      .flatMap((event) => (event.type === type ? `${event.session}/${event.detail?.n}` : []))
      .toSorted()
  assert.deepEqual(transfersOf('dma.transfer.ended'), transfersOf('dma.transfer.requested'))
}
