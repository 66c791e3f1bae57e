// Retention: what is refused, what goes, and what still holds afterwards.

import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { record } from '../../../server/audit/audit.ts'
import { readRootOf } from '../../../server/audit/checkpoint-store.ts'
import type { Pruned } from '../../../server/contract/audit.ts'
import {
  addEvents,
  checkpointStatusOf,
  expectProofs,
  lastEvent,
  lastNumber,
  settleCheckpoint,
} from '../../support/audit-lab.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openLab, type TestLab } from '../../support/test-lab.ts'
import { newReceiver } from '../../support/webhook-receiver.ts'

const patience = { timeout: 20_000, interval: 10 }
const bundleSha256 = createHash('sha256').update('the bundle').digest('hex')
const reason = 'kept on tape'

/** As an export of the log records itself. */
const exported = (lab: TestLab, detail: object = {}) =>
  lab.database.write(async (tx) => {
    const to = (await tx.auditTree.findUniqueOrThrow({ where: { id: 1 } })).size
    const whole = { format: 'bundle', from: 1, to, ...detail }
    await record(tx, { type: 'audit.exported', actor: lab.person.id, detail: whole })
  })
const prune = (lab: TestLab, before: number | string, more: object = {}) =>
  lab.post<Pruned>('/audit/prune', { before, bundleSha256, reason, ...more })
const rows = ({ database }: TestLab) =>
  database.reader.auditEvent.findMany({
    orderBy: { seq: 'asc' },
    select: { seq: true, payload: true },
  })

/** With so many events, all in checkpoints. */
async function longLab(count: number, options: Parameters<typeof openLab>[0] = {}) {
  const lab = await openLab(options)
  await addEvents(lab, count)
  await settleCheckpoint(lab)
  return lab
}

describe('pruning', () => {
  it('is refused for what was not exported, or not wholly, or as something else', async () => {
    const lab = await longLab(600)
    const refused = { status: 409, body: { code: 'PINLAB_AUDIT_PRUNE' } }
    expect(await prune(lab, 513)).toMatchObject(refused)
    for (const detail of [
      { format: 'jsonl' },
      { format: 'csv' },
      { from: 2 },
      { to: 511 },
      { session: '01890a5d-ac96-774b-bcce-b302099a8057' },
      { sha256: 'f'.repeat(64) },
    ]) {
      await exported(lab, detail)
      expect(await prune(lab, 513), JSON.stringify(detail)).toMatchObject(refused)
    }
    await exported(lab, { sha256: bundleSha256 })
    expect(await prune(lab, 256)).toMatchObject(refused)
    expect(await prune(lab, 513, { bundleSha256: 'no' })).toMatchObject({ status: 400 })
    expect(await prune(lab, 513, { reason: undefined })).toMatchObject({ status: 400 })
    expect((await rows(lab)).map(({ seq }) => seq)[0]).toBe(1)
    expect(await prune(lab, 513)).toMatchObject({ status: 200, body: { first: 1, last: 512 } })
  })

  it('takes the export of a bundle as it is recorded, and leaves a log that can be exported', async () => {
    const lab = await longLab(300)
    expect((await prune(lab, 257)).status).toBe(409)
    expect((await lab.get('/audit/export?format=csv')).status).toBe(200)
    expect((await prune(lab, 257)).status).toBe(409)
    const bundle = await lab.get('/audit/export')
    expect(bundle.status).toBe(200)
    const kept = createHash('sha256').update(bundle.bytes).digest('hex')
    const { status } = await prune(lab, 257, { bundleSha256: kept })
    expect(status).toBe(200)
    expect((await lastEvent(lab, 'audit.pruned')).detail).toMatchObject({ bundleSha256: kept })
    expect((await lab.get('/audit/export')).status).toBe(200)
  })

  it('is refused for what no checkpoint covers, and for what a webhook has not been told', async () => {
    const receiver = await newReceiver()
    receiver.answer = 500
    const lab = await openLab({ webhooks: [receiver.hook()] })
    await lab.take()
    await addEvents(lab, 300)
    await exported(lab)
    expect(await prune(lab, 257)).toMatchObject({ status: 409 })
    await settleCheckpoint(lab)
    expect(await prune(lab, 257)).toMatchObject({ status: 409 })
    receiver.answer = 204
    await lab.clock.advance(60_000)
    await expect.poll(async () => (await prune(lab, 257)).status, patience).toBe(200)
  })

  it('is refused for events that are not those of the tree, so that nobody hides a change', async () => {
    const lab = await longLab(300)
    await exported(lab)
    await lab.database.write(async (tx) => {
      await tx.$executeRawUnsafe('DROP TRIGGER AuditEvent_not_changed')
      await tx.$executeRawUnsafe(
        `UPDATE AuditEvent SET payload = replace(payload, 'system', 'nobody') WHERE seq = 9`,
      )
    })
    expect(await prune(lab, 257)).toMatchObject({ body: { code: 'PINLAB_AUDIT_PRUNE' } })
    expect((await rows(lab))[0]?.seq).toBe(1)
  })

  it('removes events and their parts, keeps the hashes, and says so with the file kept', async () => {
    const lab = await longLab(1600)
    await exported(lab)
    const exportNumber = await lastNumber(lab)
    const before = await rows(lab)
    const parts = await lab.database.reader.auditPart.findMany()
    expect(parts.some(({ seq }) => seq <= 1280)).toBe(false)
    const { status, body } = await prune(lab, 1300)
    expect([status, body]).toEqual([200, { first: 1, last: 1280, left: 0 }])
    expect((await rows(lab))[0]?.seq).toBe(1281)
    const events = await lab.database.reader.auditEvent.findMany({
      where: { type: 'audit.pruned' },
      orderBy: { seq: 'asc' },
    })
    const detail = { bundleSha256, exported: exportNumber, reason }
    expect(events.map(({ payload }) => JSON.parse(payload).detail)).toEqual([
      { first: 1, last: 1024, ...detail },
      { first: 1025, last: 1280, ...detail },
    ])
    const segments = await lab.database.reader.auditSegment.findMany({ orderBy: { index: 'asc' } })
    expect(segments.map(({ leafHashes }) => leafHashes?.length ?? null)).toEqual([
      ...Array(5).fill(256 * 32),
      null,
    ])
    await settleCheckpoint(lab)
    await expectProofs(lab, { heads: [], events: before.filter(({ seq }) => seq % 97 === 0) })
  })

  it('can go on from there, by a time, and says how much is left of what is gone', async () => {
    const clock = new FakeClock()
    const lab = await openLab({ clock })
    const add = (count: number, at: number) =>
      lab.database.write(async (tx) => {
        for (let n = 0; n < count; n++) {
          await record(tx, { type: 'board.fault', actor: 'system', at })
        }
      })
    const noon = Date.parse('2100-01-01T12:00:00Z')
    await add(600, noon - 1000)
    await add(300, noon)
    await settleCheckpoint(lab)
    await exported(lab)
    expect(await prune(lab, 257)).toMatchObject({ body: { first: 1, last: 256 } })
    const { body } = await prune(lab, new Date(noon).toISOString())
    expect(body).toEqual({ first: 257, last: 512, left: 0 })
    expect(await prune(lab, new Date(noon).toISOString())).toMatchObject({ status: 409 })
    expect(await prune(lab, 10 ** 9)).toMatchObject({ body: { first: 513, last: 768 } })
  })

  it('leaves a lab that goes on: proofs, a restart, webhooks, the next events', async () => {
    const [dataFolder, clock] = [temporaryFolder(), new FakeClock()]
    const receiver = await newReceiver()
    const webhooks = [receiver.hook({ events: ['lease.*'] })]
    const lab = await longLab(700, { dataFolder, clock, webhooks })
    const all = await rows(lab)
    const heads = await Promise.all(
      [1, 255, 256, 300, 512, 600].map(async (size) => ({
        size,
        root: await readRootOf(lab.database.reader, size),
      })),
    )
    await exported(lab)
    expect((await prune(lab, 513)).status).toBe(200)
    await lab.app.close()
    const again = await openLab({ dataFolder, clock, webhooks })
    expect((await checkpointStatusOf(again)).damage).toEqual([])
    const taken = await again.post('/boards/sim0/lease')
    expect(taken).toMatchObject({ status: 201 })
    await addEvents(again, 400)
    await settleCheckpoint(again)
    await expect.poll(() => receiver.types, patience).toEqual(['lease.started'])
    const events = [...all, ...(await rows(again))].filter((_, n) => n % 37 === 0)
    await expectProofs(again, { heads, events })
    expect((await lastEvent(again, 'audit.pruned')).detail).toMatchObject({ first: 1, last: 512 })
  })

  it('opens nothing but the pruned rows to removal', async () => {
    const lab = await longLab(600)
    await exported(lab)
    await prune(lab, 257)
    for (const sql of [
      'DELETE FROM AuditEvent WHERE seq = 257',
      'DELETE FROM AuditSegment',
      'UPDATE AuditSegment SET leafHashes = NULL WHERE "index" = 0',
      'UPDATE AuditSegment SET leafHashes = zeroblob(8192) WHERE "index" = 0',
      'UPDATE AuditSegment SET leafHashes = zeroblob(1) WHERE "index" = 1',
    ]) {
      const done = lab.database.write((tx) => tx.$executeRawUnsafe(sql))
      await expect(done, sql).rejects.toMatchObject({ code: 'PINLAB_SERVER_DATABASE' })
    }
  })
})
