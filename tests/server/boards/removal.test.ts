// The system takes a device away: unplugged, removed through sysfs, unbound.

import { describe, expect, it } from 'vitest'
import type { BoardDetail } from '../../../server/contract/overview.ts'
import { eventually, faultEvents, statusOf } from '../../support/faulty-lab.ts'
import { probedBoard } from '../../support/probed-board.ts'
import { lockedKiB, openLab, type TestLab } from '../../support/test-lab.ts'

const MiB = 1024 * 1024

async function takenAway() {
  const probe = probedBoard()
  const lockedBefore = lockedKiB()
  const lab = await openLab({ boards: [probe.config] })
  const lease = await lab.take()
  const { id: session } = await lab.lock()
  await lab.start(session, { mode: 'cyclic', byteLength: MiB })
  probe.takeAway()
  await eventually(
    () => statusOf(lab),
    ({ state, sessions }) => state === 'offline' && sessions.length === 0,
  )
  return { probe, lab, lease, session, lockedBefore }
}

const untilState = (lab: TestLab, wanted: string) =>
  eventually(
    () => statusOf(lab),
    ({ state }) => state === wanted,
  )

describe('a board that is taken away in mid-transfer', () => {
  it('fails its transfer, ends its locks, gives the memory back, and is offline with what to do', async () => {
    const { probe, lab, session, lockedBefore } = await takenAway()
    expect((await lab.get(`/dma-sessions/${session}`)).body).toMatchObject({
      state: 'ended',
      endReason: 'board-fault',
      transfers: [{ state: 'failed', failure: { code: 'PINLAB_BOARD_LINK_LOST' } }],
    })
    expect(probe.card.isOpen).toBe(false)
    expect(lockedKiB()).toBe(lockedBefore)
    const status = await statusOf(lab)
    expect(status.stateReason).toContain('bring the board back into use')
    expect(status.faults).toMatchObject([{ kind: 'removed' }])
    expect(await faultEvents(lab)).toMatchObject([{ kind: 'removed' }])
  })

  it('refuses what its holder still asks for, and the server goes on', async () => {
    const { lab } = await takenAway()
    const lock = { kind: 'scatterGather', byteLength: 4096, direction: 'fromDevice' }
    expect((await lab.post('/boards/sim0/locks', lock)).body.code).toBe('PINLAB_BOARD_NOT_READY')
    expect((await lab.get<BoardDetail>('/boards/sim0')).body.channels).toEqual([])
    expect((await lab.get('/health')).status).toBe(200)
  })

  it('stays offline when its lease ends, and comes back when it was plugged in again, as often as it takes', async () => {
    const { probe, lab, lease } = await takenAway()
    await lab.post(`/leases/${lease.id}/release`)
    await eventually(
      () => statusOf(lab),
      (status) => status.lease === null,
    )
    expect((await statusOf(lab)).state).toBe('offline')
    await lab.post('/boards/sim0/clear-quarantine', { reason: 'plugged in again' })
    await untilState(lab, 'ready')
    expect((await lab.get<BoardDetail>('/boards/sim0')).body.channels).not.toEqual([])
    probe.takeAway()
    await untilState(lab, 'offline')
  })
})
