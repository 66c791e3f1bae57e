import { chmodSync, cpSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import Fastify from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { record } from '../../../server/audit/audit.ts'
import { beginLog } from '../../../server/audit/audit-log.ts'
import { Database } from '../../../server/plugins/database/database.ts'
import { takeDataFolder } from '../../../server/plugins/database/instance-lock.ts'
import { migrate, migrationsFolder } from '../../../server/plugins/database/migrations.ts'
import { asNobody } from '../../support/nobody.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const startError = (code: string) => expect.objectContaining({ code })

async function open(folder = temporaryFolder()) {
  const database = await Database.open(folder)
  await beginLog(database, Fastify().log)
  onTestFinished(() => database.close())
  return database
}

const event = (n: number) => ({ type: 'server.started', actor: 'system', detail: { n } }) as const

describe('the data folder', () => {
  it('is made for its owner alone', async () => {
    const folder = join(temporaryFolder(), 'data')
    await open(folder)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  it('belongs to one Pinlab at a time, and is free again after it', async () => {
    const folder = temporaryFolder()
    const first = await Database.open(folder)
    await expect(Database.open(folder)).rejects.toEqual(startError('PINLAB_START_DATABASE_IN_USE'))
    await first.close()
    await open(folder)
  })

  it('is refused with a reason where this user may not write', () => {
    const folder = temporaryFolder()
    chmodSync(folder, 0o555)
    expect(asNobody(() => takeDataFolder(join(folder, 'data')))).toThrow(
      startError('PINLAB_START_DATA_FOLDER'),
    )
  })
})

describe('migrations', () => {
  const file = () => join(temporaryFolder(), 'pinlab.db')

  it('write the rows that prisma migrate deploy would', () => {
    const path = file()
    migrate(path)
    migrate(path)
    const rows = new SQLite(path).prepare('SELECT * FROM _prisma_migrations').all()
    expect(rows).toHaveLength(
      readdirSync(migrationsFolder).filter((name) => name !== 'migration_lock.toml').length,
    )
    expect(rows[0]).toMatchObject({ applied_steps_count: 1, rolled_back_at: null })
  })

  it('refuse a database of a newer Pinlab', () => {
    const path = file()
    migrate(path)
    new SQLite(path).exec("UPDATE _prisma_migrations SET migration_name = '29990101000000_later'")
    expect(() => migrate(path)).toThrow(startError('PINLAB_START_DATABASE_NEWER'))
  })

  it('refuse a migration that was edited afterwards, or never finished', () => {
    const edited = file()
    migrate(edited)
    new SQLite(edited).exec("UPDATE _prisma_migrations SET checksum = 'x'")
    expect(() => migrate(edited)).toThrow(startError('PINLAB_START_MIGRATION'))
    const unfinished = file()
    migrate(unfinished)
    new SQLite(unfinished).exec('UPDATE _prisma_migrations SET finished_at = NULL')
    expect(() => migrate(unfinished)).toThrow(startError('PINLAB_START_MIGRATION'))
  })

  it('undo one that fails, and keep a copy from before', () => {
    const path = file()
    migrate(path)
    const folder = join(temporaryFolder(), 'migrations')
    cpSync(migrationsFolder, folder, { recursive: true })
    mkdirSync(join(folder, '29990101000000_broken'))
    writeFileSync(
      join(folder, '29990101000000_broken', 'migration.sql'),
      'CREATE TABLE "Half" ("id" INTEGER); SELECT nonsense;',
    )
    expect(() => migrate(path, folder)).toThrow(startError('PINLAB_START_MIGRATION'))
    const tables = (of: string) =>
      new SQLite(of).prepare("SELECT name FROM sqlite_master WHERE name = 'Half'").all()
    expect(tables(path)).toEqual([])
    expect(tables(`${path}.before-29990101000000_broken`)).toEqual([])
  })
})

describe('writing', () => {
  it('takes turns, and counts the log without gaps', async () => {
    const database = await open()
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => database.write((tx) => record(tx, event(n)))),
    )
    const rows = await database.reader.auditEvent.findMany({ orderBy: { seq: 'asc' } })
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 21 }, (_, n) => n + 1))
    for (const { seq, payload } of rows.slice(1))
      expect(JSON.parse(payload)).toMatchObject({ v: 2, seq, type: 'server.started' })
  })

  it('leaves nothing behind of work that throws, and goes on', async () => {
    const database = await open()
    const work = database.write(async (tx) => {
      await record(tx, event(1))
      throw new Error('changed my mind')
    })
    await expect(work).rejects.toThrow('changed my mind')
    await database.write((tx) => record(tx, event(2)))
    const rows = await database.reader.auditEvent.findMany({ orderBy: { seq: 'asc' } })
    expect(rows.map(({ type }) => type)).toEqual(['audit.begun', 'server.started'])
  })

  it('is durable: the journal is WAL and each commit reaches the disk', async () => {
    const database = await open()
    expect(await database.reader.$queryRaw`PRAGMA journal_mode`).toEqual([{ journal_mode: 'wal' }])
    const synchronous = await database.write((tx) => tx.$queryRaw`PRAGMA synchronous`)
    expect(synchronous).toEqual([{ synchronous: 2n }])
  })
})
