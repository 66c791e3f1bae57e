// Checks and resets of boards, on demand and daily.

import { describe, expect, it } from 'vitest'
import type { DmaSession, Transfer } from '../../../server/contract/dma-session.ts'
import { DriverError } from '../../../server/drivers/board-driver.ts'
import { eventually, statusOf } from '../../support/faulty-lab.ts'
import { day } from '../../support/identity.ts'
import { addTestPerson } from '../../support/people.ts'
import { probedBoard } from '../../support/probed-board.ts'
import { lockedKiB, openLab, type TestLab } from '../../support/test-lab.ts'

const KiB = 1024

async function probedLab() {
  const probe = probedBoard()
  return { probe, lab: await openLab({ boards: [probe.config] }) }
}

const untilState = (lab: TestLab, wanted: string) =>
  eventually(
    () => statusOf(lab),
    ({ state }) => state === wanted,
  )

const untilChecked = (lab: TestLab) =>
  eventually(
    () => statusOf(lab),
    ({ health }) => health?.checkedAt === new Date(lab.clock.now()).toISOString(),
  )

async function typesOf({ database }: TestLab) {
  return (await database.reader.auditEvent.findMany()).map(({ type }) => type)
}

describe('a check', () => {
  it('is made when a keeper asks, and recorded', async () => {
    const { lab } = await probedLab()
    await lab.clock.advance(5000)
    expect((await lab.post('/boards/sim0/health-check')).status).toBe(202)
    expect((await untilChecked(lab)).health).toMatchObject({ ok: true })
    expect(await typesOf(lab)).toContain('board.check-requested')
    expect((await statusOf(lab)).state).toBe('ready')
  })

  it('takes a board that fails it out of use, with the reason', async () => {
    const { probe, lab } = await probedLab()
    probe.card.setBusMaster(false)
    await lab.post('/boards/sim0/health-check')
    const status = await untilState(lab, 'quarantined')
    expect(status.stateReason).toBe(status.health?.detail)
    expect(status.health?.ok).toBe(false)
    expect((await lab.post('/boards/sim0/health-check')).body.code).toBe('PINLAB_BOARD_NOT_READY')
    expect((await lab.post('/boards/sim0/lease')).body.code).toBe('PINLAB_BOARD_NOT_READY')
  })

  it('waits until nobody has the board', async () => {
    const { lab } = await probedLab()
    await lab.take()
    const { status, body } = await lab.post('/boards/sim0/health-check')
    expect([status, body.code]).toEqual([409, 'PINLAB_LEASE_TAKEN'])
  })

  it('comes each day for a board that is ready, and not before', async () => {
    const { probe, lab } = await probedLab()
    probe.card.setBusMaster(false)
    await lab.clock.advance(day - 1000)
    expect((await statusOf(lab)).state).toBe('ready')
    await lab.clock.advance(1000)
    await untilState(lab, 'quarantined')
  })

  it('does not come to a board that somebody has', async () => {
    const { lab } = await probedLab()
    const rules = { longestMinutes: 480, defaultMinutes: 480 }
    await lab.send('PATCH', '/policy', rules, { 'if-match': '"1"' })
    await lab.clock.advance(day - 60_000)
    const { checkedAt } = (await statusOf(lab)).health ?? {}
    await lab.take()
    await lab.clock.advance(120_000)
    expect(await statusOf(lab)).toMatchObject({ state: 'leased', health: { checkedAt } })
  })
})

async function streaming() {
  const { probe, lab } = await probedLab()
  const lease = await lab.take()
  const { id } = await lab.lock({ byteLength: 1024 * KiB })
  await lab.start(id, { mode: 'cyclic', byteLength: 1024 * KiB })
  return { probe, lab, lease, session: id }
}

const untilReset = (lab: TestLab, session: string) =>
  eventually(
    async () => {
      const { body } = await lab.get<Transfer>(`/dma-sessions/${session}/transfers/1`)
      return { transfer: body, step: (await statusOf(lab)).step }
    },
    ({ transfer, step }) => transfer.state !== 'running' && step === null,
  )

describe('a reset', () => {
  it('fails what runs and keeps what is locked; the board goes on', async () => {
    const { probe, lab, session } = await streaming()
    const locked = lockedKiB()
    probe.done.length = 0
    expect((await lab.post('/boards/sim0/reset')).status).toBe(202)
    const { transfer } = await untilReset(lab, session)
    expect(transfer).toMatchObject({ state: 'failed', failure: { code: 'PINLAB_BOARD_RESET' } })
    expect(transfer.bytesCompleted % KiB).toBe(0)
    expect(probe.done).toContain('reset')
    expect(lockedKiB()).toBe(locked)
    const { body } = await lab.get<DmaSession>(`/dma-sessions/${session}`)
    expect(body).toMatchObject({ state: 'locked', transfers: [{ state: 'failed' }] })
    expect(await statusOf(lab)).toMatchObject({ state: 'leased', stateReason: null })
    expect(await typesOf(lab)).toContain('board.reset-requested')

    const again = await lab.start(session, { byteLength: 4096 })
    expect(again.n).toBe(2)
    const ended = await lab.get(`/dma-sessions/${session}/transfers/2?waitSeconds=30`)
    expect(ended.body).toMatchObject({ state: 'done', bytesCompleted: 4096 })
  })

  it('is for the holder and members, not for keepers and others', async () => {
    const { lab, lease, session } = await streaming()
    const [member, keeper] = [
      await addTestPerson(lab.database, 'operator'),
      await addTestPerson(lab.database, 'admin'),
    ]
    for (const person of [member, keeper]) {
      const { body } = await lab.as(person).post('/boards/sim0/reset')
      expect(body.code).toBe('PINLAB_LEASE_REQUIRED')
    }
    await lab.send('PUT', `/leases/${lease.id}/members`, { logins: [member.login] })
    expect((await lab.as(member).post('/boards/sim0/reset')).status).toBe(202)
    await untilReset(lab, session)
  })

  it('that cannot bring the board to rest takes it out of use, with its memory locked', async () => {
    const { probe, lab, session } = await streaming()
    const locked = lockedKiB()
    probe.resetError = new DriverError('NOT_IDLE', 'WD_OPERATION_FAILED', 'c2h1 does not stop.')
    await lab.post('/boards/sim0/reset')
    const status = await untilState(lab, 'quarantined')
    expect(status.stateReason).toContain('does not stop')
    expect(probe.card.busMaster).toBe(false)
    expect(lockedKiB()).toBe(locked)
    expect((await lab.get(`/dma-sessions/${session}`)).body).toMatchObject({ state: 'locked' })
  })

  it('that was asked for before the end of a lease is over when the board is free', async () => {
    const { probe, lab, lease } = await streaming()
    probe.done.length = 0
    const [reset, released] = await Promise.all([
      lab.post('/boards/sim0/reset'),
      lab.post(`/leases/${lease.id}/release`),
    ])
    expect([reset.status, released.status]).toEqual([202, 200])
    const status = await untilState(lab, 'ready')
    expect(status).toMatchObject({ step: null, lease: null })
    // The one that was asked for, and that of the end. After the unlock the board's memory is cleared, which ends in one too.
    const unlocked = probe.done.findIndex((done) => done.startsWith('unlock'))
    const before = probe.done.slice(0, unlocked)
    expect(before.filter((done) => done === 'reset')).toHaveLength(2)
  })
})
