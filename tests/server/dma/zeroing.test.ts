// What one person leaves in a board, and what the next one finds there.

import { describe, expect, it } from 'vitest'
import type { SimulatedBoardConfig } from '../../../server/lab-config.ts'
import { eventually, statusOf } from '../../support/faulty-lab.ts'
import { addTestPerson } from '../../support/people.ts'
import { probedBoard } from '../../support/probed-board.ts'
import { digitizer, lockedKiB, openLab, type TestLab } from '../../support/test-lab.ts'

const KiB = 1024
const MiB = 1024 * KiB
/** More than what is cleared at once, and no multiple of it. */
const memoryMiB = 9
const byteLength = 64 * KiB
const octets = { 'content-type': 'application/octet-stream' }
const secret = Buffer.alloc(byteLength, 'the first one’s bytes ')

/** The beginning, where one piece meets the next, and the end. */
const places = [0, 4 * MiB - byteLength / 2, memoryMiB * MiB - byteLength]

const memoryCard: SimulatedBoardConfig = {
  ...digitizer,
  config: { h2c: ['memory', 'memory'], c2h: ['memory'], memoryMiB, fragmentation: 1 },
}

async function move(lab: TestLab, session: string, channel: string, at: number) {
  const deviceAddress = `0x${at.toString(16)}`
  const { n } = await lab.start(session, { channel, byteLength, deviceAddress })
  const { body } = await lab.get(`/dma-sessions/${session}/transfers/${n}?waitSeconds=30`)
  expect(body).toMatchObject({ state: 'done' })
}

async function write(lab: TestLab): Promise<void> {
  const { id } = await lab.lock({ byteLength, direction: 'toFromDevice' })
  await lab.send('PUT', `/dma-sessions/${id}/data`, secret, octets)
  for (const place of places) await move(lab, id, 'h2c1', place)
}

async function found(lab: TestLab): Promise<Buffer> {
  const { id } = await lab.lock({ byteLength, direction: 'toFromDevice' })
  const all: Buffer[] = []
  for (const place of places) {
    await move(lab, id, 'c2h0', place)
    all.push((await lab.get(`/dma-sessions/${id}/data`)).bytes)
  }
  return Buffer.concat(all)
}

async function twoPeople(board: SimulatedBoardConfig) {
  const lab = await openLab({ boards: [board] })
  const first = lab.as(await addTestPerson(lab.database, 'operator'))
  const second = lab.as(await addTestPerson(lab.database, 'operator'))
  return { lab, first, second }
}

const freed = (lab: TestLab) =>
  eventually(
    () => statusOf(lab),
    ({ lease }) => lease === null,
  )

async function memoryEvents({ database }: TestLab) {
  const rows = await database.reader.auditEvent.findMany({ where: { type: 'board.memory' } })
  return rows.map(({ payload }) => JSON.parse(payload).detail.dirty)
}

describe('the memory of a card', () => {
  it('holds nothing of the first person when the second has it', async () => {
    const { lab, first, second } = await twoPeople(memoryCard)
    const locked = lockedKiB()
    const lease = await first.take()
    await write(first)
    expect((await found(first)).includes('the first one')).toBe(true)
    await first.post(`/leases/${lease.id}/release`)
    expect(await freed(lab)).toMatchObject({ state: 'ready', dirty: false })
    expect(lockedKiB()).toBe(locked)
    await second.take()
    expect((await found(second)).every((byte) => byte === 0)).toBe(true)
    expect(await memoryEvents(lab)).toEqual([])
  })

  it('is told to be dirty where clearing it failed', async () => {
    const faults = [{ kind: 'errorBits', channel: 'h2c0', count: 1, skip: 0 }] as never
    const config = { ...memoryCard.config, faults }
    const { lab, first } = await twoPeople({ ...memoryCard, config })
    const locked = lockedKiB()
    const lease = await first.take()
    await first.post(`/leases/${lease.id}/release`)
    expect(await freed(lab)).toMatchObject({ state: 'ready', dirty: true })
    expect(lockedKiB()).toBe(locked)
    expect(await memoryEvents(lab)).toEqual([true])
  })

  it('is cleared after a quarantine too, and dirty no more when that has worked', async () => {
    const probe = probedBoard()
    const lab = await openLab({ boards: [probe.config] })
    const lease = await lab.take()
    probe.resetError = new Error('does not stop')
    await lab.post(`/leases/${lease.id}/release`)
    expect((await freed(lab)).state).toBe('quarantined')
    probe.resetError = null
    probe.remains = { kind: 'kept', why: 'It is a disk.' }
    await lab.post('/boards/sim0/clear-quarantine', { reason: 'power-cycled' })
    const isReady = () =>
      eventually(
        () => statusOf(lab),
        ({ state }) => state === 'ready',
      )
    expect((await isReady()).dirty).toBe(true)
    // As it says when it is opened anew: what could not be cleared can be now.
    probe.remains = null
    const next = await lab.take()
    probe.resetError = new Error('does not stop')
    await lab.post(`/leases/${next.id}/release`)
    expect((await freed(lab)).state).toBe('quarantined')
    probe.resetError = null
    await lab.post('/boards/sim0/clear-quarantine', { reason: 'power-cycled' })
    expect((await isReady()).dirty).toBe(false)
    expect(await memoryEvents(lab)).toEqual([true, false])
  })
})
