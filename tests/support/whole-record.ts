// What must hold of every log, whatever happened to its server.

import { expect } from 'vitest'
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

/** Numbers without a gap, leaves and tree as the payloads give them, and each checkpoint's note. Returns the events. */
export async function readWholeRecord(reader: Reader): Promise<RecordedEvent[]> {
  const rows = await reader.auditEvent.findMany({ orderBy: { seq: 'asc' } })
  const keys = (await reader.auditKey.findMany()).map(({ key }) => parseVerifierKey(key))
  const checkpoints = await reader.auditCheckpoint.findMany()
  const notes = new Map(checkpoints.map(({ size, note }) => [size, note]))
  const tree = new Frontier()
  const events = rows.map(({ seq, payload, leafHash: stored }, n) => {
    const event = JSON.parse(payload) as RecordedEvent
    expect([seq, event.seq]).toEqual([n + 1, n + 1])
    const leaf = leafHash(payload)
    expect(leaf.equals(stored ?? new Uint8Array())).toBe(true)
    tree.append(leaf)
    const note = notes.get(seq)
    if (note) {
      expect(parseCheckpoint(openNote(note, keys).text).root.equals(tree.root())).toBe(true)
      notes.delete(seq)
    }
    return event
  })
  expect([...notes.keys()]).toEqual([])
  const row = await reader.auditTree.findUniqueOrThrow({ where: { id: 1 } })
  expect(row.size).toBe(tree.size)
  expect(Frontier.fromBytes(row.size, row.frontier).root().equals(tree.root())).toBe(true)
  return events
}

const endings = ['dma.lock.failed', 'dma.lock.ended', 'dma.lock.orphaned']

/** Each lock that was asked for has one end, and each transfer too; what is live yet is named by the caller. */
export function checkEverythingEnded(events: readonly RecordedEvent[], live: string[] = []): void {
  const of = (type: string) => events.filter((event) => event.type === type)
  for (const { session } of of('dma.lock.requested')) {
    const ends = events.filter((event) => event.session === session && endings.includes(event.type))
    expect([session, ends.length]).toEqual([session, live.includes(session ?? '') ? 0 : 1])
  }
  const nameOf = ({ session, detail }: RecordedEvent) => `${session}/${detail?.n}`
  const asked = of('dma.transfer.requested').filter(({ session }) => !live.includes(session ?? ''))
  const ended = of('dma.transfer.ended').map(nameOf)
  expect(ended.toSorted()).toEqual(asked.map(nameOf).toSorted())
}
