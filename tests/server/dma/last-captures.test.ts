// The scheduled end of a lease: what the board delivered is saved, and the steps are seen by those who wait.

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CapturePage } from '../../../server/contract/capture.ts'
import type { Transfer } from '../../../server/contract/dma-session.ts'
import type { Lease } from '../../../server/contract/lease.ts'
import { aroundHost } from '../../support/around-host.ts'
import { eventually, statusOf } from '../../support/faulty-lab.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { type LabOptions, openLab, recordingData, type TestLab } from '../../support/test-lab.ts'

const KiB = 1024
const MiB = 1024 * KiB
const byteLength = 256 * KiB

async function received(lab: TestLab, body: object = {}): Promise<string> {
  const { id } = await lab.lock({ byteLength, ...body })
  await lab.start(id, { byteLength })
  await lab.get(`/dma-sessions/${id}/transfers/1?waitSeconds=30`)
  return id
}

async function begin(options: LabOptions = {}) {
  const lab = await openLab(options)
  const lease = await lab.take()
  await lab.playRecording()
  return { lab, lease }
}

async function expire(lab: TestLab, { endsAt }: Lease) {
  await lab.clock.advance(Date.parse(endsAt) - lab.clock.now())
  await lab.clock.advance(1000)
  return eventually(
    () => statusOf(lab),
    ({ lease }) => lease === null,
  )
}

const saved = async (lab: TestLab) => (await lab.get<CapturePage>('/captures')).body.items

async function skipped({ database }: TestLab) {
  const rows = await database.reader.auditEvent.findMany({ where: { type: 'capture.skipped' } })
  return rows.map(({ session, payload }) => ({ session, code: JSON.parse(payload).detail.code }))
}

describe('the scheduled end', () => {
  it('saves each lock that the board wrote into, and none that it did not', async () => {
    const { lab, lease } = await begin()
    const session = await received(lab, { label: 'run 7' })
    const untouched = await lab.lock({ byteLength })
    await lab.post(`/dma-sessions/${untouched.id}/fill`, { pattern: 'counter' })
    expect((await expire(lab, lease)).state).toBe('ready')
    const items = await saved(lab)
    expect(items).toEqual([
      expect.objectContaining({
        ...{ session, name: 'run 7', automatic: true, owner: lab.person.id, mayBeTorn: false },
        ...{ byteLength, bytesCompleted: byteLength },
      }),
    ])
    const { bytes } = await lab.get(`/captures/${items[0]?.id}/data`)
    expect(bytes.equals(recordingData().subarray(0, byteLength))).toBe(true)
    expect(await skipped(lab)).toEqual([])
  })

  it('saves what a transfer had completed that it stopped', async () => {
    const { lab, lease } = await begin()
    const { id } = await lab.lock({ byteLength })
    await lab.start(id, { mode: 'cyclic', byteLength })
    await eventually(
      async () => (await lab.get<Transfer>(`/dma-sessions/${id}/transfers/1`)).body,
      ({ bytesCompleted }) => bytesCompleted > 0,
    )
    await expire(lab, lease)
    const [capture] = await saved(lab)
    expect(capture).toMatchObject({ session: id, automatic: true, mayBeTorn: false })
    expect(capture?.bytesCompleted).toBeGreaterThan(0)
  })

  it('leaves out what does not fit, says so in the record, and goes on', async () => {
    const { lab, lease } = await begin({ limits: { captureByteLengthPerPerson: byteLength } })
    const first = await received(lab)
    const second = await received(lab)
    expect((await expire(lab, lease)).state).toBe('ready')
    expect((await saved(lab)).map(({ session }) => session)).toEqual([first])
    expect(await skipped(lab)).toEqual([{ session: second, code: 'PINLAB_CAPTURE_LIMIT' }])
  })

  it('goes on where nothing can be saved', async () => {
    const dataFolder = temporaryFolder()
    const { lab, lease } = await begin({ dataFolder })
    const session = await received(lab)
    rmSync(join(dataFolder, 'captures'), { recursive: true })
    expect((await expire(lab, lease)).state).toBe('ready')
    expect(await skipped(lab)).toEqual([{ session, code: 'PINLAB_CAPTURE_DISK' }])
    mkdirSync(join(dataFolder, 'captures'))
  })
})

it.each(['release', 'revoke'])('nothing is saved at a %s', async (how) => {
  const { lab, lease } = await begin()
  await received(lab)
  await lab.post(`/leases/${lease.id}/${how}`, how === 'revoke' ? { reason: 'a fire' } : {})
  await eventually(
    () => statusOf(lab),
    ({ lease: held }) => held === null,
  )
  expect(await saved(lab)).toEqual([])
})

it('the steps are seen in their order by those who wait', async () => {
  const steps: string[] = []
  let lab: TestLab | undefined
  const before = async () => {
    const row = await lab?.database.reader.board.findUnique({ where: { id: 'sim0' } })
    if (row?.step && steps.at(-1) !== row.step) steps.push(row.step)
  }
  const opened = await begin({ wrapHost: (host) => aroundHost(host, { before }) })
  lab = opened.lab
  await received(lab, { byteLength: 1 * MiB })
  await expire(lab, opened.lease)
  expect(steps).toEqual(['stopping', 'saving', 'resetting', 'unlocking', 'zeroing', 'checking'])
})
