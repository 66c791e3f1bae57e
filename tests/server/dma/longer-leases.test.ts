// A lease that goes on beyond its first end: the board goes on with it.

import { describe, expect, it } from 'vitest'
import type { Transfer } from '../../../server/contract/dma-session.ts'
import type { Lease } from '../../../server/contract/lease.ts'
import { eventually } from '../../support/faulty-lab.ts'
import { openLab, type TestLab } from '../../support/test-lab.ts'

const KiB = 1024
const minute = 60_000

async function streaming() {
  const lab = await openLab()
  const lease = await lab.take()
  const { id } = await lab.lock({ byteLength: 64 * KiB })
  await lab.start(id, { mode: 'cyclic', byteLength: 64 * KiB, blockByteLength: 16 * KiB })
  return { lab, lease, session: id, left: Date.parse(lease.endsAt) - lab.clock.now() }
}

const transferOf = async (lab: TestLab, session: string) =>
  (await lab.get<Transfer>(`/dma-sessions/${session}/transfers/1`)).body

/** Its state alone would be no proof: an end is told a moment after it. */
async function expectRunning(lab: TestLab, session: string) {
  const before = await transferOf(lab, session)
  const later = await eventually(
    () => transferOf(lab, session),
    ({ state, bytesCompleted }) => state !== 'running' || bytesCompleted > before.bytesCompleted,
  )
  expect(later.state).toBe('running')
}

/** Each second is swept, as in life: a step over many would hide what happens at one of them. */
async function pass(lab: TestLab, ms: number) {
  await lab.clock.advance(ms - 2000)
  for (let second = 0; second < 4; second += 1) await lab.clock.advance(1000)
}

describe('a transfer', () => {
  it('runs on when its lease was extended, and ends with the new end', async () => {
    const { lab, lease, session, left } = await streaming()
    const extended = await lab.post<Lease>(`/leases/${lease.id}/extend`, { minutes: 10 })
    expect(extended.status).toBe(200)
    await pass(lab, left)
    await expectRunning(lab, session)
    await pass(lab, 10 * minute)
    await eventually(
      () => transferOf(lab, session),
      ({ state }) => state === 'stopped',
    )
  })

  it('runs on when the lease goes over into the next booking of its holder', async () => {
    const { lab, lease, session, left } = await streaming()
    const start = lease.endsAt
    const end = new Date(Date.parse(start) + 30 * minute).toISOString()
    const booked = await lab.post('/bookings', { board: 'sim0', start, end })
    expect(booked.status).toBe(201)
    await pass(lab, left)
    await expectRunning(lab, session)
    expect((await lab.get<{ status: { lease: Lease } }>('/boards/sim0')).body.status.lease).toEqual(
      expect.objectContaining({ id: lease.id, endsAt: end, state: 'active' }),
    )
  })
})
