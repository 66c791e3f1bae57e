// What the stopping sequence does to the board, and what it leaves locked when it does not come to its end.

import { describe, expect, it } from 'vitest'
import { DriverError } from '../../../server/drivers/board-driver.ts'
import { eventually, statusOf } from '../../support/faulty-lab.ts'
import { probedBoard } from '../../support/probed-board.ts'
import { lockedKiB, openLab, type TestLab } from '../../support/test-lab.ts'

const KiB = 1024

async function streaming() {
  const probe = probedBoard()
  const lab = await openLab({ boards: [probe.config] })
  const lease = await lab.take()
  const { id } = await lab.lock({ byteLength: 1024 * KiB })
  await lab.start(id, { mode: 'cyclic', byteLength: 1024 * KiB })
  return { probe, lab, lease, session: id }
}

const untilState = (lab: TestLab, wanted: string) =>
  eventually(
    () => statusOf(lab),
    ({ state }) => state === wanted,
  )

const stuck = () => new DriverError('NOT_IDLE', 'WD_OPERATION_FAILED', 'c2h1 does not stop.')

describe('the end of a lease', () => {
  it('switches bus mastering off before the reset, and unlocks while it is off', async () => {
    const { probe, lab, lease } = await streaming()
    probe.done.length = 0
    await lab.post(`/leases/${lease.id}/release`)
    await untilState(lab, 'ready')
    const { done } = probe
    expect(done[0]).toBe('bus master off')
    expect(done.indexOf('reset')).toBeGreaterThan(0)
    expect(done).toContain('unlock with bus master off')
    expect(done).not.toContain('unlock with bus master on')
    expect(done.indexOf('unlock with bus master off')).toBeGreaterThan(done.indexOf('reset'))
    expect(done.at(-1)).toBe('bus master on')
  })

  it('quarantines a board that does not come to rest, without bus mastering and with its memory locked', async () => {
    const { probe, lab, lease, session } = await streaming()
    const locked = lockedKiB()
    probe.resetError = stuck()
    await lab.post(`/leases/${lease.id}/release`)
    const status = await untilState(lab, 'quarantined')
    expect(status.stateReason).toContain('does not stop')
    expect(probe.card.busMaster).toBe(false)
    expect(lockedKiB()).toBe(locked)
    expect((await lab.get(`/dma-sessions/${session}`)).body).toMatchObject({ state: 'locked' })

    probe.resetError = null
    await lab.post('/boards/sim0/clear-quarantine', { reason: 'power-cycled' })
    await untilState(lab, 'ready')
    expect(lockedKiB()).toBe(locked - 1024)
    expect((await lab.get(`/dma-sessions/${session}`)).body).toMatchObject({
      state: 'ended',
      endReason: 'board-fault',
    })
  })
})

describe('a board whose engine cannot be stopped when it is opened', () => {
  it('is quarantined with the reason, and opened by clear-quarantine once it is idle', async () => {
    const probe = probedBoard()
    probe.identifyError = stuck()
    const lab = await openLab({ boards: [probe.config] })
    expect(await statusOf(lab)).toMatchObject({
      state: 'quarantined',
      stateReason: expect.stringContaining('does not stop'),
    })
    expect((await lab.post('/boards/sim0/lease')).body.code).toBe('PINLAB_BOARD_NOT_READY')
    await lab.post('/boards/sim0/clear-quarantine', { reason: 'power-cycled' })
    await untilState(lab, 'ready')
    expect((await lab.post('/boards/sim0/lease')).status).toBe(201)
  })

  it('is quarantined again while it is not', async () => {
    const probe = probedBoard()
    probe.identifyError = stuck()
    const lab = await openLab({ boards: [probe.config] })
    probe.identifyError = stuck()
    await lab.post('/boards/sim0/clear-quarantine', { reason: 'looked at it' })
    await untilState(lab, 'quarantined')
  })
})
