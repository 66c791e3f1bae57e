// Control of a board within the calendar: use now, bookings that begin, extensions, no-shows, members, revocation.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Booking } from '../../../server/contract/booking.ts'
import type { Lease } from '../../../server/contract/lease.ts'
import { type FairLab, minute, openFairLab } from '../../support/fair-lab.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

let keeper: FairLab
let ann: FairLab
let bob: FairLab

beforeEach(async () => {
  keeper = await openFairLab()
  ann = await keeper.person()
  bob = await keeper.person()
})

const extend = (who: FairLab, { id }: Lease, minutes?: number) =>
  who.lab.post<Lease>(`/leases/${id}/extend`, minutes ? { minutes } : {})

describe('use now', () => {
  it('is a booking of the default time, which nobody can overlap', async () => {
    const lease = (await ann.take()).body
    expect(lease).toMatchObject({ endsAt: ann.at(30), holder: ann.id })
    const [booking] = await bob.calendar()
    expect(booking).toMatchObject({ id: lease.booking, owner: ann.id, lease: lease.id })
    expect((await bob.book(25, 55)).body).toMatchObject({
      code: 'PINLAB_BOOKING_OVERLAP',
      nearest: { start: ann.at(30), end: ann.at(60) },
    })
  })

  it('ends on the five minutes, so that the next may begin there', async () => {
    await ann.pass(2)
    expect((await ann.take()).body.endsAt).toBe(ann.at(30))
  })

  it('ends where the next booking begins, and is refused where that is at once', async () => {
    await bob.book(10, 40)
    expect((await ann.take()).body.endsAt).toBe(ann.at(10))
    await ann.pass(10)
    await ann.until('ready')
    expect((await ann.take()).body).toMatchObject({ code: 'PINLAB_BOOKING_OVERLAP' })
  })

  it('is refused in the last minute before a booking, which says when it is free', async () => {
    await bob.book(10, 40)
    await ann.pass(9, 30_000)
    expect((await ann.take()).body).toMatchObject({
      code: 'PINLAB_BOOKING_OVERLAP',
      conflict: { start: ann.at(10) },
    })
  })

  it('frees what is left when it is released', async () => {
    const lease = (await ann.take()).body
    await ann.pass(7)
    await ann.release(lease)
    expect(await ann.booking(lease.booking ?? '')).toMatchObject({
      state: 'over',
      start: ann.at(0),
      end: ann.at(7),
    })
    expect((await bob.book(5, 35)).status).toBe(201)
  })
})

describe('control within a booking', () => {
  it('lasts until its end', async () => {
    const booking = (await ann.book(0, 60)).body
    expect((await bob.take()).body.code).toBe('PINLAB_BOOKING_OVERLAP')
    expect((await ann.take()).body).toMatchObject({ booking: booking.id, endsAt: ann.at(60) })
  })

  it('waits until the one before is cleared', async () => {
    await bob.book(5, 35)
    await ann.take()
    await bob.pass(4)
    expect((await bob.take()).body.code).toBe('PINLAB_LEASE_TAKEN')
    await bob.pass(1)
    await bob.until('ready')
    expect((await bob.take()).status).toBe(201)
  })

  it('goes over into the next booking of the same person without being torn down', async () => {
    await ann.book(0, 30)
    const next = (await ann.book(30, 60)).body
    const lease = (await ann.take()).body
    await ann.pass(29)
    expect((await ann.status()).lease).toMatchObject({
      id: lease.id,
      booking: next.id,
      endsAt: ann.at(60),
    })
    await ann.pass(5)
    expect(await ann.status()).toMatchObject({ state: 'leased', lease: { id: lease.id } })
  })

  it('does not go over into somebody else’s', async () => {
    await ann.book(0, 30)
    await bob.book(30, 60)
    await ann.take()
    await ann.pass(30)
    expect((await ann.until('ready')).lease).toBeNull()
  })
})

describe('a booking that nobody takes up', () => {
  it('is released after five minutes', async () => {
    const { id } = (await ann.book(5, 65)).body
    await ann.pass(9)
    expect((await ann.booking(id)).state).toBe('confirmed')
    await ann.pass(1)
    expect(await ann.booking(id)).toMatchObject({ state: 'missed', end: ann.at(10) })
    expect((await bob.book(10, 40)).status).toBe(201)
  })

  it('is not counted while the board was not ready', async () => {
    await ann.take()
    const { id } = (await bob.book(30, 90)).body
    await keeper.lab.database.write((tx) =>
      tx.board.update({ where: { id: 'sim0' }, data: { state: 'quarantined' } }),
    )
    await ann.pass(45)
    expect((await ann.booking(id)).state).toBe('confirmed')
    await ann.pass(45)
    expect(await ann.booking(id)).toMatchObject({ state: 'over' })
  })
})

describe('an extension', () => {
  it('adds the default time, or as many minutes as are asked for', async () => {
    const lease = (await ann.take()).body
    expect((await extend(ann, lease)).body.endsAt).toBe(ann.at(60))
    expect((await extend(ann, lease, 10)).body.endsAt).toBe(ann.at(70))
    expect((await bob.book(60, 90)).body.code).toBe('PINLAB_BOOKING_OVERLAP')
    await ann.pass(69)
    expect((await ann.status()).state).toBe('leased')
    await ann.pass(1)
    await ann.until('ready')
  })

  it('is refused with who follows', async () => {
    const { ownerName } = (await bob.book(40, 70)).body
    const lease = (await ann.take()).body
    expect((await extend(ann, lease)).body).toMatchObject({
      code: 'PINLAB_BOOKING_OVERLAP',
      conflict: { ownerName, start: ann.at(40) },
    })
    expect((await extend(ann, lease, 10)).body.endsAt).toBe(ann.at(40))
  })

  it('is refused while somebody waits, beyond the longest booking, and to others', async () => {
    const lease = (await ann.take()).body
    expect((await extend(bob, lease)).body.code).toBe('PINLAB_LEASE_REQUIRED')
    expect((await extend(ann, lease, 480)).body).toMatchObject({ code: 'PINLAB_BOOKING_LENGTH' })
    await bob.join()
    expect((await extend(ann, lease)).body.code).toBe('PINLAB_QUEUE_WAITING')
    await ann.release(lease)
    expect((await extend(ann, lease)).body.code).toBe('PINLAB_LEASE_ENDED')
  })
})

describe('members', () => {
  const setMembers = (who: FairLab, { id }: Lease, logins: string[]) =>
    who.lab.send<Lease>('PUT', `/leases/${id}/members`, { logins })
  const mayLock = async (who: FairLab) => {
    const body = { kind: 'contiguous', byteLength: 4096 }
    return (await who.lab.post('/boards/sim0/locks', body)).status === 201
  }

  it('control the board under their own names, until they are taken away', async () => {
    const lease = (await ann.take()).body
    expect(await mayLock(bob)).toBe(false)
    const { login, name } = bob.lab.person
    const { body } = await setMembers(ann, lease, [login.toUpperCase()])
    expect(body.memberDetails).toEqual([{ id: bob.id, login, name, override: null }])
    expect(await mayLock(bob)).toBe(true)
    const [session] = (await ann.status()).sessions
    expect(session?.ownerName).toBe(bob.lab.person.name)
    await setMembers(ann, lease, [])
    expect(await mayLock(bob)).toBe(false)
  })

  it('are set by the holder alone, and must be people who may control boards', async () => {
    const lease = (await ann.take()).body
    const viewer = await keeper.person('viewer')
    expect((await setMembers(bob, lease, [])).body.code).toBe('PINLAB_LEASE_REQUIRED')
    for (const login of ['nobody', viewer.lab.person.login]) {
      const { body } = await setMembers(ann, lease, [login])
      expect(body).toMatchObject({ code: 'PINLAB_LEASE_MEMBERS', unknown: [login] })
    }
  })

  it('a keeper joins with a reason that the holder sees and cannot take away', async () => {
    const lease = (await ann.take()).body
    const override = (who: FairLab) =>
      who.lab.post<Lease>(`/leases/${lease.id}/override`, { reason: 'it beeps' })
    expect((await override(bob)).status).toBe(403)
    await override(keeper)
    await setMembers(ann, lease, [])
    expect((await ann.status()).lease?.memberDetails).toMatchObject([
      { id: keeper.id, override: 'it beeps' },
    ])
    expect(await mayLock(keeper)).toBe(true)
  })
})

describe('revoking', () => {
  it('is the keeper’s, ends the lease in the stopping sequence, and says why', async () => {
    const lease = (await ann.take()).body
    const { body: session } = await ann.lab.post<{ id: string }>('/boards/sim0/locks', {
      kind: 'contiguous',
      byteLength: 4096,
    })
    const revoke = (who: FairLab) =>
      who.lab.post<Lease>(`/leases/${lease.id}/revoke`, { reason: 'needed for the review' })
    expect((await revoke(bob)).status).toBe(403)
    expect((await revoke(keeper)).body).toMatchObject({
      state: 'ending',
      endReason: 'revoked',
      endDetail: 'needed for the review',
    })
    await ann.until('ready')
    const { body } = await ann.lab.get(`/dma-sessions/${session.id}`)
    expect(body).toMatchObject({ state: 'ended', endReason: 'lease-revoked' })
  })
})

describe('a person who was disabled', () => {
  it('loses lease, bookings and places in queues within a second', async () => {
    const lease = (await ann.take()).body
    const planned = (await ann.book(60, 90)).body
    const { id } = ann.lab.person
    await keeper.lab.send('PATCH', `/users/${id}`, { disabled: true }, { 'if-match': '"1"' })
    await keeper.clock.advance(1000)
    await keeper.until('ready')
    const row = await keeper.lab.database.reader.lease.findUnique({ where: { id: lease.id } })
    expect(row).toMatchObject({ state: 'ended', endReason: 'holder-disabled' })
    expect((await keeper.booking(planned.id)).state).toBe('cancelled')
  })

  it('or who may not book any more, loses them too', async () => {
    await bob.take()
    await ann.join()
    const { id } = ann.lab.person
    await keeper.lab.send('PATCH', `/users/${id}`, { role: 'viewer' }, { 'if-match': '"1"' })
    await keeper.clock.advance(1000)
    expect(await keeper.queue()).toEqual([])
  })
})

describe('a clock that was moved', () => {
  it('stops new leases, bookings and no-shows; who has a board keeps it to the end', async () => {
    const planned = (await bob.book(30, 60)).body
    await ann.take()
    keeper.clock.moveWall(3 * 60 * minute)
    expect((await bob.book(120, 150)).body.code).toBe('PINLAB_CLOCK_STEPPED')
    await ann.pass(30)
    await ann.until('ready')
    expect((await bob.take()).body.code).toBe('PINLAB_CLOCK_STEPPED')
    await ann.pass(10)
    expect((await ann.booking(planned.id)).state).toBe('confirmed')
    const events = await keeper.lab.database.reader.auditEvent.findMany({
      where: { type: 'clock.stepped' },
    })
    expect(events).toHaveLength(1)
  })
})

it('a restart keeps bookings, and leases go on', async () => {
  const dataFolder = temporaryFolder()
  keeper = await openFairLab({ dataFolder })
  ann = await keeper.person()
  const booking: Booking = (await ann.book(60, 90)).body
  const lease = (await ann.take()).body
  const { clock } = keeper.lab
  await keeper.lab.app.close()
  const again = await openFairLab({ dataFolder, clock })
  expect(await again.calendar()).toMatchObject([{ id: lease.booking }, { id: booking.id }])
  await again.pass(30)
  await again.until('ready')
})
