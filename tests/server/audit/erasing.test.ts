// Erasure of a person: what is gone, what stays, and that the log does not show a gap.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { personal, record } from '../../../server/audit/audit.ts'
import type { Erased } from '../../../server/contract/audit.ts'
import type { Capture } from '../../../server/contract/capture.ts'
import type { Person } from '../../../server/contract/identity.ts'
import {
  checkpointStatusOf,
  expectProofs,
  lastEvent,
  settleCheckpoint,
} from '../../support/audit-lab.ts'
import { hour } from '../../support/fair-lab.ts'
import { addTestPerson, type TestPerson } from '../../support/people.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openLab, type TestLab } from '../../support/test-lab.ts'

const reason = 'asked for it by letter'
const erase = (lab: TestLab, person: string) => lab.post<Erased>('/audit/erase', { person, reason })

async function disable(lab: TestLab, { id }: TestPerson) {
  const { version } = (await lab.get<Person>(`/users/${id}`)).body
  const answer = await lab.send(
    'PATCH',
    `/users/${id}`,
    { disabled: true },
    { 'if-match': `"${version}"` },
  )
  expect(answer.status).toBe(200)
}

describe('erasure', () => {
  it('is for disabled people only', async () => {
    const lab = await openLab()
    const person = await addTestPerson(lab.database, 'operator')
    await lab.as(person).take()
    expect(await erase(lab, person.id)).toMatchObject({
      status: 409,
      body: { code: 'PINLAB_PERSON_NOT_DISABLED' },
    })
    expect(await erase(lab, '01890a5d-ac96-774b-bcce-b302099a8057')).toMatchObject({ status: 404 })
    const parts = await lab.database.reader.auditPart.count({ where: { of: person.id } })
    expect(parts).toBeGreaterThan(0)
  })

  it('removes names, logins and addresses everywhere, and only theirs; the log still verifies', async () => {
    const dataFolder = temporaryFolder()
    const lab = await openLab({ dataFolder })
    const person = await addTestPerson(lab.database, 'operator')
    await lab.database.write(async (tx) => {
      const data = { name: 'Wilhelmina Tester', login: 'wilhelmina' }
      await tx.person.update({ where: { id: person.id }, data })
    })
    const theirs = lab.as(person)
    const start = Math.ceil(lab.clock.now() / hour) * hour + 48 * hour
    const booking = await theirs.post('/bookings', {
      board: 'sim0',
      start: new Date(start).toISOString(),
      end: new Date(start + hour).toISOString(),
      note: 'thesis of Wilhelmina',
    })
    expect(booking.status).toBe(201)
    await theirs.take()
    const { id } = await theirs.lock({ byteLength: 4096 })
    const { body: capture } = await theirs.post<Capture>(`/dma-sessions/${id}/captures`)
    const marks = [{ offset: 0, text: 'Wilhelmina' }]
    const noted = { note: 'by Wilhelmina', marks }
    expect((await theirs.send('PATCH', `/captures/${capture.id}`, noted)).status).toBe(200)
    await lab.post('/boards/sim0/queue')
    await lab.database.write(async (tx) => {
      for (let n = 0; n < 1100; n++) {
        const parts = [personal(person.id, { name: 'Wilhelmina Tester', n })]
        await record(tx, { type: 'board.fault', actor: 'system', parts })
      }
    })
    await settleCheckpoint(lab)
    const events = await lab.database.reader.auditEvent.findMany({
      where: { actor: person.id },
      select: { seq: true, payload: true },
    })
    const mine = await lab.database.reader.auditPart.count({ where: { of: lab.person.id } })
    await disable(lab, person)
    const count = await lab.database.reader.auditPart.count({ where: { of: person.id } })

    const { status, body } = await erase(lab, person.id)
    expect([status, body]).toEqual([200, { person: person.id, count }])
    expect(await lab.database.reader.auditPart.count({ where: { of: person.id } })).toBe(0)
    const now = await lab.database.reader.auditPart.count({ where: { of: lab.person.id } })
    expect(now).toBeGreaterThanOrEqual(mine)
    const told = await lab.database.reader.auditEvent.findMany({ where: { type: 'audit.erased' } })
    const details = told.map(({ payload }) => JSON.parse(payload).detail)
    expect(details.reduce((sum, { count }) => sum + count, 0)).toBe(count)
    expect(details.length).toBeGreaterThan(2)
    expect(await lastEvent(lab, 'audit.erased')).toMatchObject({
      actor: lab.person.id,
      detail: { person: person.id, reason },
    })
    expect((await lab.get<Person>(`/users/${person.id}`)).body).toMatchObject({
      name: 'erased',
      login: `erased-${person.id}`,
      state: 'disabled',
    })
    await settleCheckpoint(lab)
    await expectProofs(lab, { heads: [], events })
    expect((await erase(lab, person.id)).body).toMatchObject({ count: 0 })

    await lab.app.close()
    // Nothing is left of it in the file either, not even in pages that are free.
    const text = readFileSync(join(dataFolder, 'pinlab.db'), 'latin1')
    expect(text).not.toContain('Wilhelmina')
    expect(text).not.toContain('wilhelmina')
    const file = new SqliteDatabase(join(dataFolder, 'pinlab.db'), { readonly: true })
    expect(file.pragma('integrity_check', { simple: true })).toBe('ok')
    file.close()
    expect((await checkpointStatusOf(await openLab({ dataFolder }))).damage).toEqual([])
  })
})
