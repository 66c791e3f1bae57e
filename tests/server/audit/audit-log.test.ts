// The log as a server keeps it: its tree, its checkpoints, and what the database refuses.

import { createHash } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { record } from '../../../server/audit/audit.ts'
import { Frontier, leafHash } from '../../../server/audit/merkle.ts'
import { openNote, parseCheckpoint, parseVerifierKey } from '../../../server/audit/note.ts'
import type { CheckpointStatus } from '../../../server/contract/audit.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openLab, sharedLab, type TestLab } from '../../support/test-lab.ts'

const payloads = async ({ database }: TestLab) =>
  (await database.reader.auditEvent.findMany({ orderBy: { seq: 'asc' } })).map(
    ({ payload }) => payload,
  )
const rootOf = (texts: string[]) => {
  const tree = new Frontier()
  for (const text of texts) tree.append(leafHash(text))
  return tree.root()
}
const statusOf = async (lab: TestLab) => (await lab.get<CheckpointStatus>('/audit/checkpoint')).body

/** The newest checkpoint, opened with the key that the server names. */
async function checkpointOf(lab: TestLab) {
  const { key, checkpoint } = await statusOf(lab)
  return parseCheckpoint(openNote(checkpoint?.note ?? '', [parseVerifierKey(key)]).text)
}

describe('an event', () => {
  const lab = sharedLab()

  it('is stored as the text that was hashed, with its number in it', async () => {
    await lab().take()
    const rows = await lab().database.reader.auditEvent.findMany({ orderBy: { seq: 'asc' } })
    rows.forEach(({ seq, payload, leafHash: stored }, n) => {
      expect(seq).toBe(n + 1)
      expect(JSON.parse(payload).seq).toBe(seq)
      expect(Buffer.from(stored ?? []).equals(leafHash(payload))).toBe(true)
    })
  })

  it('says who asked, by what and from where, the last two only as a commitment', async () => {
    const row = await lab().database.reader.auditEvent.findFirstOrThrow({
      where: { type: 'lease.started' },
    })
    const event = JSON.parse(row.payload)
    expect(event).toMatchObject({ v: 2, actor: lab().person.id, by: { method: 'token' } })
    expect(row.payload).not.toContain('127.0.0.1')
    const [part] = await lab().database.reader.auditPart.findMany({ where: { seq: row.seq } })
    expect(JSON.parse(part?.text ?? '')).toMatchObject({ address: '127.0.0.1' })
    const sha256 = createHash('sha256')
      .update(part?.salt ?? '')
      .update(part?.text ?? '')
      .digest('hex')
    expect(event.parts).toEqual([{ kind: 'personal', of: lab().person.id, sha256 }])
  })

  it('is undone with the state that it tells of', async () => {
    const before = await payloads(lab())
    const write = lab().database.write(async (tx) => {
      await record(tx, { type: 'board.fault', actor: 'system' })
      throw new Error('no')
    })
    await expect(write).rejects.toThrow('no')
    expect(await payloads(lab())).toEqual(before)
  })
})

describe('the tree', () => {
  it('is that of the events, over whole segments and the rest', async () => {
    const lab = await openLab()
    for (const count of [1, 254, 1, 300, 513]) {
      await lab.database.write(async (tx) => {
        for (let n = 0; n < count; n++) await record(tx, { type: 'board.fault', actor: 'system' })
      })
      await lab.clock.advance(1000)
      await lab.clock.advance(10_000)
      const texts = await payloads(lab)
      const { size, root } = await checkpointOf(lab)
      expect(size).toBe(texts.length)
      expect(root.equals(rootOf(texts))).toBe(true)
    }
    const segments = await lab.database.reader.auditSegment.findMany()
    const texts = await payloads(lab)
    expect(segments.length).toBe(Math.floor(texts.length / 256))
    for (const { index, root } of segments) {
      const own = texts.slice(index * 256, (index + 1) * 256)
      expect(Buffer.from(root).equals(rootOf(own))).toBe(true)
    }
  })
})

describe('the database', () => {
  const lab = sharedLab()
  const tables: [string, string, string][] = [
    ['AuditEvent', 'seq', "payload = 'other'"],
    ['AuditTree', 'id', 'size = 1'],
    ['AuditCheckpoint', 'size', "note = 'other'"],
    ['AuditKey', 'id', "key = 'other'"],
  ]

  it.each(tables)(
    'refuses to change, remove or replace what is in %s',
    async (table, key, change) => {
      await lab().clock.advance(20_000)
      const sql = [
        `UPDATE "${table}" SET ${change}`,
        `DELETE FROM "${table}"`,
        `INSERT OR REPLACE INTO "${table}" SELECT * FROM "${table}" ORDER BY "${key}" LIMIT 1`,
      ]
      for (const statement of sql) {
        const done = lab().database.write((tx) => tx.$executeRawUnsafe(statement))
        await expect(done, statement).rejects.toMatchObject({ code: 'PINLAB_SERVER_DATABASE' })
      }
    },
  )
})

describe('checkpoints', () => {
  it('are made ten seconds after an event, at 256 events, at midnight, and at the end', async () => {
    const [dataFolder, clock] = [temporaryFolder(), new FakeClock()]
    const lab = await openLab({ dataFolder, clock })
    const size = async () => (await statusOf(lab)).checkpoint?.size ?? 0
    const add = (count: number) =>
      lab.database.write(async (tx) => {
        for (let n = 0; n < count; n++) await record(tx, { type: 'board.fault', actor: 'system' })
      })
    await clock.advance(1000)
    await clock.advance(10_000)
    const first = await size()
    expect(first).toBe((await payloads(lab)).length)
    await add(1)
    await clock.advance(1000)
    await clock.advance(8000)
    expect(await size()).toBe(first)
    await clock.advance(2000)
    expect(await size()).toBe(first + 1)
    await add(256)
    await clock.advance(1000)
    expect(await size()).toBe(first + 257)
    await clock.advance(9.9 * 3_600_000)
    await add(1)
    await clock.advance(1000)
    expect(await size()).toBe(first + 257)
    await clock.advance(6 * 60_000)
    expect(await size()).toBe(first + 258)
    await lab.app.close()
    const notes = readFileSync(join(dataFolder, 'audit', 'checkpoints'), 'utf8').split('\n\n\n')
    const again = await openLab({ dataFolder, clock })
    expect(parseCheckpoint(`${notes.at(-2)?.split('\n\n')[0]}\n`).size).toBe(
      (await payloads(again)).findIndex((text) => JSON.parse(text).type === 'server.stopped') + 1,
    )
  })

  it('are signed by a key that only its user can read, and that is refused otherwise', async () => {
    const dataFolder = temporaryFolder()
    const lab = await openLab({ dataFolder })
    const file = join(dataFolder, 'audit', 'signing-key')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const { key } = await statusOf(lab)
    await lab.app.close()
    const content = readFileSync(file, 'utf8')
    writeFileSync(file, 'no key')
    await expect(openLab({ dataFolder })).rejects.toMatchObject({ code: 'PINLAB_START_AUDIT_KEY' })
    writeFileSync(file, content)
    expect((await statusOf(await openLab({ dataFolder }))).key).toBe(key)
  })
})

describe('at start', () => {
  /** Whoever owns the file can do this, while Pinlab is not running. */
  function tamper(dataFolder: string, ...statements: string[]) {
    const database = new SqliteDatabase(join(dataFolder, 'pinlab.db'))
    for (const sql of statements) database.exec(sql)
    database.close()
  }

  async function damageAfter(...statements: string[]) {
    const dataFolder = temporaryFolder()
    await (await openLab({ dataFolder })).app.close()
    tamper(dataFolder, ...statements)
    return (await statusOf(await openLab({ dataFolder }))).damage.map(({ type, what }) => [
      type,
      what,
    ])
  }

  it('finds nothing wrong with a log that nobody touched', async () => {
    expect(await damageAfter()).toEqual([])
  })

  it('finds a trigger that is gone, and puts it back', async () => {
    expect(await damageAfter('DROP TRIGGER AuditEvent_not_changed')).toEqual([
      ['audit.damaged', expect.stringContaining('AuditEvent_not_changed')],
    ])
  })

  it('finds an event that was changed', async () => {
    const damage = await damageAfter(
      'DROP TRIGGER AuditEvent_not_changed',
      `UPDATE AuditEvent SET payload = replace(payload, 'system', 'nobody') WHERE seq = 1`,
    )
    expect(damage).toContainEqual(['audit.damaged', 'an event after 0 was changed'])
  })

  it('finds an event that was put in behind its back', async () => {
    const damage = await damageAfter(
      `INSERT INTO AuditEvent SELECT seq + 1, payload, at, type, actor, board, session, leafHash FROM AuditEvent ORDER BY seq DESC LIMIT 1`,
    )
    expect(damage).toContainEqual(['audit.damaged', expect.stringContaining('that the log knows')])
  })

  it('finds that the database is older than a checkpoint that was handed out', async () => {
    const dataFolder = temporaryFolder()
    const file = join(dataFolder, 'pinlab.db')
    await (await openLab({ dataFolder })).app.close()
    const old = readFileSync(file)
    await (await openLab({ dataFolder })).app.close()
    writeFileSync(file, old)
    const { damage } = await statusOf(await openLab({ dataFolder }))
    expect(damage).toMatchObject([{ type: 'audit.rolled-back' }])
  })
})
