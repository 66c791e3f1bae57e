// The wall clock is moved under a lab in which people have boards, bookings and places in a line.

import { describe, expect, it } from 'vitest'
import type { Booking, QueueEntry } from '../../../server/contract/booking.ts'
import type { DoctorReport } from '../../../server/contract/doctor.ts'
import type { Lease } from '../../../server/contract/lease.ts'
import { eventually, statusOf } from '../../support/faulty-lab.ts'
import { hour } from '../../support/identity.ts'
import { addTestPerson } from '../../support/people.ts'
import { digitizer, openLab, type TestLab } from '../../support/test-lab.ts'

const minute = 60_000
const boards = [digitizer, { ...digitizer, id: 'sim1' }]

const bookAt = (lab: TestLab, startMs: number) => {
  const [start, end] = [startMs, startMs + hour].map((at) => new Date(at).toISOString())
  return lab.post<Booking>('/bookings', { board: 'sim0', start, end })
}

async function eventsOf({ database }: TestLab, type: string) {
  const events = await database.reader.auditEvent.findMany({ where: { type } })
  return events.map(({ payload }) => JSON.parse(payload))
}

const stepIn = async (lab: TestLab) => {
  const { body } = await lab.get<DoctorReport>('/doctor')
  return body.findings.find(({ check }) => check === 'clockStep')
}

describe('while the clock is not trusted', () => {
  it('nothing new begins, nobody is released, and what runs ends at its time', async () => {
    const lab = await openLab({ boards })
    const other = lab.as(await addTestPerson(lab.database, 'operator'))
    const { body: booking } = await bookAt(other, lab.clock.now() + hour)
    const lease = await lab.take('sim1')
    expect((await other.post('/boards/sim1/queue')).status).toBe(201)
    expect(await stepIn(lab)).toBeUndefined()

    lab.clock.moveWall(3 * hour)
    await lab.clock.advance(1000)
    await lab.clock.advance(1000)
    expect(await eventsOf(lab, 'clock.stepped')).toMatchObject([{ detail: { byMs: 3 * hour } }])
    const found = await stepIn(lab)
    expect(found).toMatchObject({ status: 'mend', board: null })
    for (const refused of [
      await other.post('/boards/sim0/lease'),
      await bookAt(other, lab.clock.now() + 24 * hour - 2000),
    ]) {
      expect([refused.status, refused.body.code]).toEqual([503, 'PINLAB_CLOCK_STEPPED'])
    }
    const control = await lab.post<Lease>(`/leases/${lease.id}/extend`)
    expect(control.body.code).toBe('PINLAB_QUEUE_WAITING')

    await lab.clock.advance(Date.parse(lease.endsAt) - lab.clock.now())
    await eventually(
      async () => (await lab.get<{ status: { state: string } }>('/boards/sim1')).body.status,
      ({ state }) => state === 'ready',
    )
    await lab.clock.advance(1000)
    const [entry] = (await other.get<{ items: QueueEntry[] }>('/boards/sim1/queue')).body.items
    expect(entry).toMatchObject({ state: 'waiting', offer: null })

    // Long after nobody came.
    await lab.clock.advance(Date.parse(booking.start) + 20 * minute - lab.clock.now())
    const { body } = await lab.get<Booking>(`/bookings/${booking.id}`)
    expect(body.state).toBe('confirmed')
    expect((await statusOf(lab)).state).toBe('ready')
  })

  it('a keeper accepts it, which is recorded, and everything goes on', async () => {
    const lab = await openLab({ boards })
    const other = lab.as(await addTestPerson(lab.database, 'operator'))
    const lease = await lab.take('sim1')
    await other.post('/boards/sim1/queue')
    await lab.post(`/leases/${lease.id}/release`)
    lab.clock.moveWall(-2 * minute)
    await lab.clock.advance(1000)
    expect((await other.post('/clock/accept')).body.code).toBe('PINLAB_PERMISSION_DENIED')
    expect((await lab.post('/clock/accept')).status).toBe(204)
    expect(await eventsOf(lab, 'clock.accepted')).toMatchObject([
      { actor: lab.person.id, detail: { byMs: -2 * minute } },
    ])
    expect(await stepIn(lab)).toBeUndefined()
    expect((await lab.post('/boards/sim0/lease')).status).toBe(201)
    const offered = await eventually(
      async () => {
        await lab.clock.advance(1000)
        return (await other.get<{ items: QueueEntry[] }>('/boards/sim1/queue')).body.items[0]
      },
      (entry) => entry?.state === 'offered',
    )
    expect(offered?.offer?.state).toBe('held')

    // Nothing to accept is nothing to record; another step is told anew.
    expect((await lab.post('/clock/accept')).status).toBe(204)
    expect(await eventsOf(lab, 'clock.accepted')).toHaveLength(1)
    lab.clock.moveWall(hour)
    await lab.clock.advance(1000)
    expect(await eventsOf(lab, 'clock.stepped')).toHaveLength(2)
  })
})
