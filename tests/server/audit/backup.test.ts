// Backups while a server writes, what a check of one finds, and a restore that shows in the log.

import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import SqliteDatabase from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { makeBackup, verifyBackup } from '../../../server/audit/backup/backup.ts'
import { examineDatabase } from '../../../server/audit/backup/database-copy.ts'
import { restoreBackup } from '../../../server/audit/backup/restore.ts'
import { Frontier, leafHash } from '../../../server/audit/merkle.ts'
import type { Capture } from '../../../server/contract/capture.ts'
import {
  addEvents,
  checkpointOf,
  checkpointStatusOf,
  lastEvent,
  lastNumber,
  settleCheckpoint,
} from '../../support/audit-lab.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openLab, type TestLab } from '../../support/test-lab.ts'

const now = new Date('2027-01-12T08:00:00Z')
const refusedWith = (code: string) => expect.objectContaining({ code })

function order(dataFolder: string, more: object = {}) {
  const target = join(temporaryFolder(), 'copy')
  return { dataFolder, target, withKey: false, build: '0.0.0', now, ...more }
}

async function backedUp(dataFolder: string, more: object = {}) {
  const asked = order(dataFolder, more)
  return { folder: asked.target, ...(await makeBackup(asked)) }
}

const restored = (folder: string, dataFolder: string) => restoreBackup({ folder, dataFolder, now })

/** With a capture, whose bytes are a file. */
async function labWithCapture(dataFolder: string): Promise<{ lab: TestLab; capture: Capture }> {
  const lab = await openLab({ dataFolder })
  await lab.take()
  const { id } = await lab.lock({ byteLength: 8192 })
  const body = { name: 'kept', offset: 0, byteLength: 8192 }
  const { status, body: capture } = await lab.post<Capture>(`/dma-sessions/${id}/captures`, body)
  expect(status).toBe(201)
  return { lab, capture }
}

describe('a backup', () => {
  it('made while events are written is of one moment: its tree is that of its events', async () => {
    const dataFolder = temporaryFolder()
    const lab = await openLab({ dataFolder })
    let isOver = false
    let written = 0
    const writer = (async () => {
      while (!isOver) {
        await addEvents(lab, 1 + (written % 7))
        written += 1
        // The database answers without a turn of the event loop, which others wait for.
        await setImmediate()
        if (written % 20 === 0) await lab.clock.advance(10_000)
      }
    })()
    try {
      for (let round = 0; round < 3; round++) {
        const before = written
        await expect.poll(() => written, { timeout: 20_000 }).toBeGreaterThan(before)
        const { folder, manifest, wrong } = await backedUp(dataFolder)
        expect(wrong).toEqual([])
        expect((await verifyBackup(folder)).wrong).toEqual([])
        const copy = new SqliteDatabase(join(folder, 'pinlab.db'), { readonly: true })
        const rows = copy.prepare('SELECT payload FROM AuditEvent ORDER BY seq').all() as {
          payload: string
        }[]
        const tree = new Frontier()
        for (const { payload } of rows) tree.append(leafHash(payload))
        const row = copy.prepare('SELECT size, frontier FROM AuditTree').get() as {
          size: number
          frontier: Buffer
        }
        expect(row).toEqual({ size: tree.size, frontier: tree.toBytes() })
        expect(manifest.size).toBe(tree.size)
        copy.close()
      }
    } finally {
      isOver = true
      await writer
    }
    expect(await lastNumber(lab)).toBeGreaterThan(written)
  })

  it('has captures and checkpoints, is for its user alone, and leaves out keys and tokens', async () => {
    const dataFolder = temporaryFolder()
    const { lab, capture } = await labWithCapture(dataFolder)
    await settleCheckpoint(lab)
    writeFileSync(join(dataFolder, 'setup-token'), 'secret')
    writeFileSync(join(dataFolder, 'notes.txt'), 'a note')
    const { folder, manifest } = await backedUp(dataFolder)
    const files = ['audit/checkpoints', `captures/${capture.id}`, 'notes.txt', 'pinlab.db']
    expect(Object.keys(manifest.files).sort()).toEqual(files)
    expect(manifest).toMatchObject({ withKey: false, missing: [], madeAt: now.toISOString() })
    expect(manifest.files[`captures/${capture.id}`]).toEqual({
      byteLength: 8192,
      sha256: capture.sha256,
    })
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    for (const path of [...files, 'manifest.json']) {
      expect(statSync(join(folder, path)).mode & 0o077, path).toBe(0)
    }
    const withKey = await backedUp(dataFolder, { withKey: true })
    const key = 'audit/signing-key'
    expect(readFileSync(join(withKey.folder, key))).toEqual(readFileSync(join(dataFolder, key)))
  })

  it('overwrites nothing, and leaves nothing where it fails', async () => {
    const dataFolder = temporaryFolder()
    const { lab, capture } = await labWithCapture(dataFolder)
    const refused = refusedWith('PINLAB_BACKUP_REFUSED')
    const { folder } = await backedUp(dataFolder)
    await expect(makeBackup(order(dataFolder, { target: folder }))).rejects.toEqual(refused)
    const inside = join(dataFolder, 'copy')
    await expect(makeBackup(order(dataFolder, { target: inside }))).rejects.toEqual(refused)
    await expect(makeBackup(order(temporaryFolder()))).rejects.toEqual(refused)
    const asked = order(dataFolder)
    mkdirSync(`${asked.target}.unfinished`)
    await expect(makeBackup(asked)).rejects.toEqual(refused)
    rmSync(`${asked.target}.unfinished`, { recursive: true })
    rmSync(join(dataFolder, 'captures', capture.id))
    mkdirSync(join(dataFolder, 'captures', capture.id))
    await expect(makeBackup(asked)).rejects.toMatchObject({ code: 'EISDIR' })
    expect(readdirSync(join(asked.target, '..'))).toEqual([])
    await lab.app.close()
  })

  it('names captures whose bytes are gone, and one whose bytes are others', async () => {
    const dataFolder = temporaryFolder()
    const { capture } = await labWithCapture(dataFolder)
    const file = join(dataFolder, 'captures', capture.id)
    appendFileSync(file, 'x')
    expect((await backedUp(dataFolder)).wrong).toEqual([expect.stringContaining(capture.id)])
    rmSync(file)
    expect((await backedUp(dataFolder)).manifest.missing).toEqual([capture.id])
  })
})

describe('the check of a backup', () => {
  it.each([
    ['a byte was changed', (file: string) => writeFileSync(file, flipped(readFileSync(file)))],
    ['is missing', (file: string) => rmSync(file)],
    ['grew', (file: string) => appendFileSync(file, 'x')],
    ['has another name', (file: string) => renameSync(file, `${file}x`)],
  ])('finds a file that %s', async (_, harm) => {
    const dataFolder = temporaryFolder()
    const lab = await openLab({ dataFolder })
    await settleCheckpoint(lab)
    for (const name of ['pinlab.db', 'audit/checkpoints']) {
      const { folder } = await backedUp(dataFolder)
      harm(join(folder, name))
      const { wrong } = await verifyBackup(folder)
      expect(wrong.join(), name).toContain(name)
      const target = temporaryFolder()
      expect((await restored(folder, target)).wrong).toEqual(wrong)
      expect(readdirSync(target)).toEqual([])
    }
  })

  it('needs a manifest', async () => {
    const refused = refusedWith('PINLAB_BACKUP_REFUSED')
    const folder = temporaryFolder()
    await expect(verifyBackup(folder)).rejects.toEqual(refused)
    for (const text of ['{', '{}', 'null']) {
      writeFileSync(join(folder, 'manifest.json'), text)
      await expect(verifyBackup(folder), text).rejects.toEqual(refused)
    }
  })

  it('finds events that are not those of the tree', async () => {
    const dataFolder = temporaryFolder()
    await (await openLab({ dataFolder })).app.close()
    const file = join(dataFolder, 'pinlab.db')
    expect(examineDatabase(file)).toEqual([])
    const database = new SqliteDatabase(file)
    database.exec('DROP TRIGGER AuditEvent_not_changed')
    database.exec(`UPDATE AuditEvent SET payload = payload || ' ' WHERE seq = 1`)
    database.close()
    expect(examineDatabase(file)).toEqual([expect.stringContaining('tree')])
    writeFileSync(file, 'no database')
    expect(examineDatabase(file)).toEqual([expect.stringContaining('cannot be read')])
  })
})

describe('a restore', () => {
  it('is refused while a Pinlab runs on the folder', async () => {
    const dataFolder = temporaryFolder()
    const lab = await openLab({ dataFolder })
    const { folder } = await backedUp(dataFolder)
    const size = await lastNumber(lab)
    await expect(restored(folder, dataFolder)).rejects.toEqual(
      refusedWith('PINLAB_START_DATABASE_IN_USE'),
    )
    expect(await lastNumber(lab)).toBe(size)
  })

  it('keeps what was there, the key and the checkpoints, and the next start records it', async () => {
    const dataFolder = temporaryFolder()
    const { lab, capture } = await labWithCapture(dataFolder)
    await settleCheckpoint(lab)
    const { folder, manifest } = await backedUp(dataFolder)
    const { key } = await checkpointStatusOf(lab)
    await lab.send('DELETE', `/captures/${capture.id}`)
    await addEvents(lab, 20)
    await settleCheckpoint(lab)
    const later = await checkpointOf(lab)
    await lab.app.close()
    const current = readFileSync(join(dataFolder, 'pinlab.db'))

    const { kept, keptKey, keptCheckpoints, wrong } = await restored(folder, dataFolder)
    expect({ keptKey, keptCheckpoints, wrong }).toEqual({
      keptKey: true,
      keptCheckpoints: true,
      wrong: [],
    })
    expect(readFileSync(join(kept ?? '', 'pinlab.db'))).toEqual(current)
    expect(existsSync(join(dataFolder, 'restoring'))).toBe(false)

    const again = await openLab({ dataFolder })
    expect((await checkpointStatusOf(again)).key).toBe(key)
    expect((await lastEvent(again, 'server.restored')).detail).toEqual({
      madeAt: manifest.madeAt,
      size: manifest.size,
      restoredAt: now.toISOString(),
    })
    const rolledBack = await lastEvent(again, 'audit.rolled-back')
    expect(rolledBack.detail).toMatchObject({ size: manifest.size })
    expect(rolledBack.detail.checkpoint).toContain(`\n`)
    const captures = await again.database.reader.capture.findMany()
    expect(captures.map(({ id }) => id)).toEqual([capture.id])
    expect(readdirSync(join(dataFolder, 'captures'))).toEqual([capture.id])
    // The log goes on, but not from what an auditor may hold of before.
    await addEvents(again, 40)
    await settleCheckpoint(again)
    expect((await checkpointOf(again)).size).toBeGreaterThan(later.size)
    await again.app.close()
    const once = await openLab({ dataFolder })
    expect((await checkpointStatusOf(once)).damage).toHaveLength(1)
    const count = await once.database.reader.auditEvent.count({
      where: { type: 'server.restored' },
    })
    expect(count).toBe(1)
  })

  it('of the newest state is no rollback, and makes a lab of an empty folder', async () => {
    const dataFolder = temporaryFolder()
    const lab = await openLab({ dataFolder })
    await lab.app.close()
    const { folder, manifest } = await backedUp(dataFolder, { withKey: true })
    const elsewhere = join(temporaryFolder(), 'data')
    expect(await restored(folder, elsewhere)).toMatchObject({ kept: null, keptKey: false })
    const file = join(elsewhere, 'audit', 'signing-key')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const again = await openLab({ dataFolder: elsewhere })
    expect(await checkpointStatusOf(again)).toMatchObject({
      origin: readFileSync(file, 'utf8').split('\n')[0],
      damage: [],
    })
    expect((await lastEvent(again, 'server.restored')).detail).toMatchObject({
      size: manifest.size,
    })
  })

  it('that was broken off keeps Pinlab from starting until it was repeated', async () => {
    const dataFolder = temporaryFolder()
    await (await openLab({ dataFolder })).app.close()
    const { folder } = await backedUp(dataFolder)
    mkdirSync(join(dataFolder, 'restoring'))
    writeFileSync(join(dataFolder, 'restoring', 'pinlab.db'), 'half of it')
    await expect(openLab({ dataFolder })).rejects.toEqual(refusedWith('PINLAB_START_DATA_FOLDER'))
    expect((await restored(folder, dataFolder)).wrong).toEqual([])
    expect((await checkpointStatusOf(await openLab({ dataFolder }))).damage).toEqual([])
  })
})

function flipped(bytes: Buffer): Buffer {
  const at = Math.floor(bytes.length / 2)
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
  return bytes
}
