// Brings the database up to date at start. Writes the same table as `prisma migrate deploy`, so that either may go on after the other.

import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { PinlabError } from '../../errors.ts'
import { projectRoot } from '../../project-root.ts'

export const migrationsFolder = join(projectRoot, 'prisma', 'sqlite', 'migrations')

const createTable = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "checksum" TEXT NOT NULL,
  "finished_at" DATETIME,
  "migration_name" TEXT NOT NULL,
  "logs" TEXT,
  "rolled_back_at" DATETIME,
  "started_at" DATETIME NOT NULL DEFAULT current_timestamp,
  "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0
)`

interface Migration {
  name: string
  sql: string
  checksum: string
}

interface AppliedMigration {
  migration_name: string
  checksum: string
  finished_at: string | null
}

/** Applies what is missing, each migration in one transaction with its row. Keeps a copy of the database from before. */
export function migrate(file: string, folder = migrationsFolder): void {
  const known = readMigrations(folder)
  const database = new Database(file)
  try {
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = FULL')
    database.exec(createTable)
    const applied = database
      .prepare(
        'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
      )
      .all() as AppliedMigration[]
    refuseWhatWeDoNotKnow(known, applied)
    const done = new Set(applied.map((row) => row.migration_name))
    const missing = known.filter(({ name }) => !done.has(name))
    if (missing.length > 0 && applied.length > 0) copyBefore(database, file, missing)
    for (const migration of missing) apply(database, migration)
  } finally {
    database.close()
  }
}

function readMigrations(folder: string): Migration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: sha256(sql) }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function refuseWhatWeDoNotKnow(known: Migration[], applied: AppliedMigration[]): void {
  for (const row of applied) {
    const migration = known.find(({ name }) => name === row.migration_name)
    if (!migration) {
      throw new PinlabError(
        'PINLAB_START_DATABASE_NEWER',
        `The database has the migration ${row.migration_name}, which this Pinlab does not know. Start the newer Pinlab, or set PINLAB_DATA to another folder.`,
      )
    }
    if (row.finished_at === null) {
      throw new PinlabError(
        'PINLAB_START_MIGRATION',
        `The migration ${row.migration_name} was begun and never finished. Put back the copy that lies beside the database.`,
      )
    }
    const variants = [
      migration.sql.replaceAll('\r\n', '\n'),
      migration.sql.replaceAll(/\r?\n/g, '\r\n'),
    ]
    if (![migration.checksum, ...variants.map(sha256)].includes(row.checksum)) {
      throw new PinlabError(
        'PINLAB_START_MIGRATION',
        `The migration ${row.migration_name} was edited after it had been applied.`,
      )
    }
  }
}

function copyBefore(database: Database.Database, file: string, missing: Migration[]): void {
  const copy = `${file}.before-${missing[0]?.name}`
  if (existsSync(copy)) rmSync(copy)
  database.prepare('VACUUM INTO ?').run(copy)
}

function apply(database: Database.Database, { name, sql, checksum }: Migration): void {
  const startedAt = prismaTime()
  // Table rebuilds need foreign keys off, and the pragma does nothing inside a transaction.
  database.pragma('foreign_keys = OFF')
  try {
    database.transaction(() => {
      database.exec(sql)
      database
        .prepare(
          `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
           VALUES (?, ?, ?, ?, ?, 1)`,
        )
        .run(randomUUID(), checksum, prismaTime(), name, startedAt)
    })()
  } catch (error) {
    throw new PinlabError(
      'PINLAB_START_MIGRATION',
      `The migration ${name} failed and was undone: ${(error as Error).message}`,
      { cause: error },
    )
  }
}

const prismaTime = () => new Date().toISOString().replace('Z', '+00:00')
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
