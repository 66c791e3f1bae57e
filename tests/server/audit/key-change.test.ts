// A new key for the log, and what a crash leaves in between.

import {
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openNote, parseCheckpoint, parseVerifierKey } from '../../../server/audit/note.ts'
import { keepNextKey, newSigner } from '../../../server/audit/signing-key.ts'
import type { KeyChanged } from '../../../server/contract/audit.ts'
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

const reason = 'the disk was sold'
const change = async (lab: TestLab) => (await lab.post<KeyChanged>('/audit/key', { reason })).body
const fileIn = (dataFolder: string) => join(dataFolder, 'audit', 'signing-key')

describe('a new key', () => {
  it('is vouched for by the old one, signs from then on, and is recorded with the reason', async () => {
    const dataFolder = temporaryFolder()
    const lab = await openLab({ dataFolder })
    await addEvents(lab, 3)
    const before = (await checkpointStatusOf(lab)).key
    const size = await lastNumber(lab)
    const changed = await change(lab)
    expect(changed.before).toBe(before)
    expect(changed.key).not.toBe(before)
    expect(changed.key.split('+')[0]).toBe(before.split('+')[0])

    const keys = [changed.before, changed.key].map(parseVerifierKey)
    const { text, signers } = openNote(changed.statement, keys)
    expect(signers.map((key) => key.text).sort()).toEqual([changed.before, changed.key].sort())
    const at = new Date(lab.clock.now()).toISOString()
    expect(text).toBe(`pinlab-audit-key/v1\n${changed.before}\n${changed.key}\n${at}\n`)

    const event = await lastEvent(lab, 'audit.key-changed')
    expect(event).toMatchObject({
      seq: size + 1,
      actor: lab.person.id,
      detail: { before, key: changed.key, reason },
    })
    const notes = await lab.database.reader.auditCheckpoint.findMany({ orderBy: { size: 'asc' } })
    const signerOf = (note: string) => openNote(note, keys).signers[0]?.text
    expect(notes.slice(-2).map(({ size, note }) => [size, signerOf(note)])).toEqual([
      [size, before],
      [size + 1, changed.key],
    ])
    expect(parseCheckpoint(openNote(changed.checkpoint.note, keys).text).size).toBe(size + 1)
    expect(statSync(fileIn(dataFolder)).mode & 0o777).toBe(0o600)

    await addEvents(lab, 1)
    await settleCheckpoint(lab)
    expect((await checkpointOf(lab)).size).toBe(await lastNumber(lab))
    await lab.app.close()
    const again = await openLab({ dataFolder })
    expect((await checkpointStatusOf(again)).key).toBe(changed.key)
    expect((await checkpointStatusOf(again)).damage).toEqual([])
    expect(await again.database.reader.auditKey.count()).toBe(2)
  })

  it('needs a reason', async () => {
    const lab = await openLab()
    const { key } = await checkpointStatusOf(lab)
    expect(await lab.post('/audit/key')).toMatchObject({ status: 400 })
    expect(await lab.post('/audit/key', { reason: ' ' })).toMatchObject({ status: 400 })
    expect((await checkpointStatusOf(lab)).key).toBe(key)
  })

  it('can come several times, even at once', async () => {
    const lab = await openLab()
    const all = await Promise.all([change(lab), change(lab), change(lab)])
    const rows = await lab.database.reader.auditKey.findMany({ orderBy: { id: 'asc' } })
    expect(rows.slice(1).map(({ key }) => key)).toEqual(all.map(({ key }) => key))
    expect(all.map(({ before }) => before)).toEqual(rows.slice(0, -1).map(({ key }) => key))
  })
})

describe('a crash while the key is changed', () => {
  it('after the database knew the new one: it is taken into use at the next start', async () => {
    const dataFolder = temporaryFolder()
    const file = fileIn(dataFolder)
    const lab = await openLab({ dataFolder })
    copyFileSync(file, `${file}.old`)
    const { key } = await change(lab)
    await lab.app.close()
    // As it was before the new key took its place.
    renameSync(file, `${file}.next`)
    renameSync(`${file}.old`, file)
    const again = await openLab({ dataFolder })
    const status = await checkpointStatusOf(again)
    expect(status).toMatchObject({ key, damage: [] })
    expect(existsSync(`${file}.next`)).toBe(false)
    expect(await again.database.reader.auditKey.count()).toBe(2)
  })

  it.each([
    ['whole', (folder: string) => keepNextKey(folder, newSigner('pinlab/0'))],
    ['cut off', (folder: string) => writeFileSync(`${fileIn(folder)}.next`, 'pinlab/0\n---')],
  ])('before the database knew it, the file %s: the old one stays', async (_, leave) => {
    const dataFolder = temporaryFolder()
    const lab = await openLab({ dataFolder })
    const { key } = await checkpointStatusOf(lab)
    await lab.app.close()
    leave(dataFolder)
    const again = await openLab({ dataFolder })
    expect(await checkpointStatusOf(again)).toMatchObject({ key, damage: [] })
    expect(existsSync(`${fileIn(dataFolder)}.next`)).toBe(false)
  })

  it('an old key that was put back is refused, and nothing is signed by it', async () => {
    const dataFolder = temporaryFolder()
    const file = fileIn(dataFolder)
    const lab = await openLab({ dataFolder })
    const old = readFileSync(file, 'utf8')
    await change(lab)
    await lab.app.close()
    writeFileSync(file, old)
    await expect(openLab({ dataFolder })).rejects.toMatchObject({ code: 'PINLAB_START_AUDIT_KEY' })
  })
})
