// What makes SQLite refuse to change the log. Installed when the log begins and compared at every start, because rebuilding a table (as
// migrations do) drops its triggers unnoticed. Whoever owns the file can still change it; that shows against a checkpoint.

import type { Transaction } from '../plugins/database/database.ts'
import { segmentLength } from './audit-store.ts'

const refuse = (name: string, when: string, why: string) => ({
  name,
  sql: `CREATE TRIGGER "${name}" ${when} BEGIN SELECT RAISE(ABORT, '${why}'); END`,
})

/** REPLACE is a removal that no DELETE trigger sees. */
function notReplaced(table: string, ...key: string[]) {
  const same = key.map((column) => `"${column}" = NEW."${column}"`).join(' AND ')
  const when = `BEFORE INSERT ON "${table}" WHEN EXISTS (SELECT 1 FROM "${table}" WHERE ${same})`
  return refuse(`${table}_not_replaced`, when, `${table} is not replaced`)
}
const notRemoved = (table: string, when = '') =>
  refuse(`${table}_not_removed`, `BEFORE DELETE ON "${table}" ${when}`, `${table} is not removed`)
const notChanged = (table: string, when = '') =>
  refuse(`${table}_not_changed`, `BEFORE UPDATE ON "${table}" ${when}`, `${table} is not changed`)

const triggers = [
  notReplaced('AuditEvent', 'seq'),
  notChanged('AuditEvent'),
  notRemoved(
    'AuditEvent',
    `WHEN (SELECT "leafHashes" FROM "AuditSegment" WHERE "index" = (OLD."seq" - 1) / ${segmentLength}) IS NULL`,
  ),
  notReplaced('AuditTree', 'id'),
  notChanged('AuditTree', 'WHEN NEW."size" <= OLD."size" OR NEW."id" <> OLD."id"'),
  notRemoved('AuditTree'),
  notReplaced('AuditSegment', 'index'),
  notChanged(
    'AuditSegment',
    `WHEN OLD."leafHashes" IS NOT NULL OR length(NEW."leafHashes") <> ${segmentLength * 32} OR NEW."root" <> OLD."root" OR NEW."index" <> OLD."index"`,
  ),
  notRemoved('AuditSegment'),
  notReplaced('AuditCheckpoint', 'size'),
  notChanged('AuditCheckpoint'),
  notRemoved('AuditCheckpoint'),
  notReplaced('AuditKey', 'id'),
  notChanged('AuditKey'),
  notRemoved('AuditKey'),
  notReplaced('AuditPart', 'seq', 'n'),
  notChanged('AuditPart'),
]

/** Puts in place what is missing or different. Returns the names of those. */
export async function ensureTriggers(tx: Transaction): Promise<string[]> {
  const rows = await tx.$queryRawUnsafe<{ name: string; sql: string }[]>(
    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
  )
  const there = new Map(rows.map(({ name, sql }) => [name, sql]))
  const wrong = triggers.filter(({ name, sql }) => there.get(name) !== sql)
  for (const { name, sql } of wrong) {
    if (there.has(name)) await tx.$executeRawUnsafe(`DROP TRIGGER "${name}"`)
    await tx.$executeRawUnsafe(sql)
  }
  return wrong.map(({ name }) => name)
}

/** Until they are ensured again, in the same transaction. */
export async function dropTriggers(tx: Transaction): Promise<void> {
  for (const { name } of triggers) await tx.$executeRawUnsafe(`DROP TRIGGER IF EXISTS "${name}"`)
}
