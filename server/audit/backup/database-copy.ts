// The database of a backup: copied as it was at one moment, whoever writes meanwhile, and looked through.

import SqliteDatabase from 'better-sqlite3'
import { segmentLength } from '../audit-store.ts'
import { Frontier, leafHash, split } from '../merkle.ts'

/** `to` must not exist. */
export function copyDatabase(from: string, to: string): void {
  const database = new SqliteDatabase(from, { fileMustExist: true, timeout: 10_000 })
  try {
    database.prepare('VACUUM INTO ?').run(to)
  } finally {
    database.close()
  }
}

export interface DatabaseFacts {
  /** Events that the log had, null before it was a tree. */
  size: number | null
  /** Ids of all captures, with the hash of their bytes. */
  captures: { id: string; sha256: string }[]
}

export function readDatabase(file: string): DatabaseFacts {
  return reading(file, (database) => {
    const has = (table: string) =>
      database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(table)
    const all = (sql: string) => database.prepare(sql).all() as never[]
    const [tree] = (has('AuditTree') ? all('SELECT size FROM AuditTree') : []) as { size: number }[]
    return {
      size: tree?.size ?? null,
      captures: has('Capture') ? all('SELECT id, sha256 FROM Capture ORDER BY id') : [],
    }
  })
}

/** What is wrong with it, for people; empty for a good one. */
export function examineDatabase(file: string): string[] {
  try {
    return reading(file, (database) => {
      const said = database.pragma('integrity_check(10)', { simple: false }) as {
        integrity_check: string
      }[]
      const wrong = said.map((row) => row.integrity_check).filter((text) => text !== 'ok')
      if (wrong.length > 0) return wrong.map((text) => `the database is damaged: ${text}`)
      return compareTree(database)
    })
  } catch (error) {
    return [`the database cannot be read: ${(error as Error).message}`]
  }
}

function reading<T>(file: string, work: (database: SqliteDatabase.Database) => T): T {
  const database = new SqliteDatabase(file, { readonly: true, fileMustExist: true })
  try {
    return work(database)
  } finally {
    database.close()
  }
}

interface TreeRow {
  size: number
  frontier: Buffer
}

/** The tree over all events, or the hashes that pruned ones left, against the one that the database has. */
function compareTree(database: SqliteDatabase.Database): string[] {
  const isThere = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'AuditTree'").get()
  const row = (
    isThere ? database.prepare('SELECT size, frontier FROM AuditTree').get() : undefined
  ) as TreeRow | undefined
  if (!row) return []
  const pruned = database.prepare(
    'SELECT "index", leafHashes FROM AuditSegment WHERE leafHashes IS NOT NULL ORDER BY "index"',
  )
  const tree = new Frontier()
  for (const { index, leafHashes } of pruned.iterate() as Iterable<{
    index: number
    leafHashes: Buffer
  }>) {
    if (index * segmentLength !== tree.size) return [`events after ${tree.size} are missing`]
    for (const leaf of split(leafHashes)) tree.append(leaf)
  }
  const events = database.prepare('SELECT seq, payload FROM AuditEvent WHERE seq > ? ORDER BY seq')
  for (const { seq, payload } of events.iterate(tree.size) as Iterable<{
    seq: number
    payload: string
  }>) {
    if (seq !== tree.size + 1) return [`the log has no event ${tree.size + 1}`]
    tree.append(leafHash(payload))
  }
  const isSame = tree.size === row.size && tree.toBytes().equals(row.frontier)
  return isSame ? [] : [`the log’s tree of ${row.size} events is not that of its events`]
}
