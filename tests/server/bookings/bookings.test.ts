import { beforeEach, describe, expect, it } from 'vitest'
import type { Booking, Series } from '../../../server/contract/booking.ts'
import { type FairLab, hour, openFairLab, smallBoard } from '../../support/fair-lab.ts'

let keeper: FairLab
let ann: FairLab
let bob: FairLab

beforeEach(async () => {
  keeper = await openFairLab({ boards: [smallBoard('sim0'), smallBoard('sim1')] })
  ann = await keeper.person()
  bob = await keeper.person()
})

describe('a booking', () => {
  it('is in the calendar for everybody, and in the status of its board', async () => {
    const { status, body } = await ann.book(30, 60, { note: ' calibration ' })
    expect([status, body]).toMatchObject([
      201,
      {
        board: 'sim0',
        owner: ann.id,
        start: ann.at(30),
        end: ann.at(60),
        state: 'confirmed',
        note: 'calibration',
      },
    ])
    const viewer = await keeper.person('viewer')
    expect(await viewer.calendar()).toEqual([body])
    expect((await viewer.status()).bookings).toEqual([body])
    expect(await bob.calendar('&mine=true')).toEqual([])
  })

  it('cannot overlap another: the refusal names it and the nearest free time', async () => {
    const first = (await ann.book(30, 60)).body
    const { status, body } = await bob.book(45, 75)
    expect([status, body]).toMatchObject([
      409,
      {
        code: 'PINLAB_BOOKING_OVERLAP',
        conflict: { id: first.id, ownerName: first.ownerName },
        nearest: { start: ann.at(60), end: ann.at(90) },
      },
    ])
    expect((await bob.book(60, 90)).status).toBe(201)
    expect((await bob.book(0, 30)).status).toBe(201)
    expect((await bob.book(30, 60, { board: 'sim1' })).status).toBe(201)
  })

  it.each([
    ['that ends before it begins', 30, 20, 400, 'PINLAB_BOOKING_TIMES'],
    ['off the five minutes', 31, 60, 400, 'PINLAB_BOOKING_TIMES'],
    ['in the past', -30, 0, 409, 'PINLAB_BOOKING_PAST'],
    ['that is too long', 0, 485, 409, 'PINLAB_BOOKING_LENGTH'],
    ['that is too far ahead', 29 * 24 * 60, 29 * 24 * 60 + 30, 409, 'PINLAB_BOOKING_HORIZON'],
  ])('%s is refused', async (_, from, to, status, code) => {
    expect(await ann.book(from, to)).toMatchObject({ status, body: { code } })
    expect(await ann.calendar()).toEqual([])
  })

  it('may begin in the slot that is on', async () => {
    await ann.pass(3)
    expect((await ann.book(0, 30)).status).toBe(201)
  })

  it('of an unknown board, or by a viewer, is refused', async () => {
    expect((await ann.book(30, 60, { board: 'nope' })).body.code).toBe('PINLAB_BOARD_UNKNOWN')
    const viewer = await keeper.person('viewer')
    expect((await viewer.book(30, 60)).body.code).toBe('PINLAB_PERMISSION_DENIED')
  })

  it('beyond what one person may have at once is refused with the rule', async () => {
    await keeper.setPolicy({ concurrentBookings: 2 })
    await ann.book(0, 30)
    await ann.book(60, 90)
    expect((await ann.book(120, 150)).body).toMatchObject({
      code: 'PINLAB_BOOKING_CONCURRENT',
      rule: 'concurrentBookings',
      limit: 2,
    })
    expect((await bob.book(120, 150)).status).toBe(201)
  })

  it('beyond the hours of a week is refused; the next week counts anew', async () => {
    await keeper.setPolicy({ weeklyHours: 2 })
    await ann.book(0, 90)
    expect((await ann.book(120, 180)).body).toMatchObject({
      code: 'PINLAB_BOOKING_WEEKLY',
      limit: 2,
      used: 1.5,
    })
    expect((await ann.book(120, 150)).status).toBe(201)
    const week = 7 * 24 * 60
    expect((await ann.book(week, week + 120)).status).toBe(201)
  })

  it('that was cancelled costs no hours, and frees its time', async () => {
    await keeper.setPolicy({ weeklyHours: 1 })
    const { body } = await ann.book(30, 90)
    const cancelled = await ann.lab.send<Booking>('DELETE', `/bookings/${body.id}`)
    expect(cancelled.body).toMatchObject({ state: 'cancelled' })
    expect((await ann.book(30, 90)).status).toBe(201)
    expect((await ann.lab.send('DELETE', `/bookings/${body.id}`)).body.code).toBe(
      'PINLAB_BOOKING_ENDED',
    )
  })

  it('counts on its board alone where the board has a rule of its own', async () => {
    await keeper.setPolicy({ concurrentBookings: 1, boards: { sim1: { concurrentBookings: 1 } } })
    await ann.book(30, 60)
    expect((await ann.book(90, 120)).body.code).toBe('PINLAB_BOOKING_CONCURRENT')
    expect((await ann.book(90, 120, { board: 'sim1' })).status).toBe(201)
    expect((await ann.book(150, 180, { board: 'sim1' })).body.code).toBe(
      'PINLAB_BOOKING_CONCURRENT',
    )
  })
})

describe('moving a booking', () => {
  const move = (who: FairLab, { id, version }: Booking, body: object) =>
    who.lab.send<Booking>('PATCH', `/bookings/${id}`, body, { 'if-match': `"${version}"` })

  it('takes the new time and frees the old one, also on another board', async () => {
    const booking = (await ann.book(30, 60)).body
    const moved = await move(ann, booking, { start: ann.at(45), end: ann.at(75) })
    expect(moved.body).toMatchObject({ start: ann.at(45), end: ann.at(75), version: 2 })
    expect((await bob.book(30, 45)).status).toBe(201)
    const there = await move(ann, moved.body, { board: 'sim1' })
    expect(there.body).toMatchObject({ board: 'sim1', start: ann.at(45) })
    expect((await bob.book(45, 75)).status).toBe(201)
  })

  it('onto somebody is refused, and the booking stays where it was', async () => {
    const booking = (await ann.book(30, 60)).body
    await bob.book(60, 90)
    const { body } = await move(ann, booking, { end: ann.at(65) })
    expect(body.code).toBe('PINLAB_BOOKING_OVERLAP')
    expect(await ann.booking(booking.id)).toEqual(booking)
    expect((await bob.book(30, 60)).body.code).toBe('PINLAB_BOOKING_OVERLAP')
  })

  it('needs the version that was seen', async () => {
    const booking = (await ann.book(30, 60)).body
    const bare = await ann.lab.send('PATCH', `/bookings/${booking.id}`, { note: 'x' })
    expect([bare.status, bare.body.code]).toEqual([428, 'PINLAB_REQUEST_PRECONDITION'])
    await move(ann, booking, { note: 'one' })
    const stale = await move(ann, booking, { note: 'two' })
    expect([stale.status, stale.body.code]).toEqual([412, 'PINLAB_REQUEST_STALE'])
  })

  it('of somebody else’s, or of one that has begun, is refused', async () => {
    const booking = (await ann.book(0, 30)).body
    expect((await move(bob, booking, { note: 'mine' })).body.code).toBe('PINLAB_BOOKING_NOT_YOURS')
    expect((await move(keeper, booking, { note: 'k' })).body.code).toBe('PINLAB_BOOKING_NOT_YOURS')
    await ann.take()
    expect((await move(ann, booking, { end: ann.at(60) })).body.code).toBe('PINLAB_BOOKING_STARTED')
  })
})

describe('cancelling', () => {
  it('somebody else’s is the keeper’s, with a reason that its owner sees', async () => {
    const { id } = (await ann.book(30, 60)).body
    const cancel = (who: FairLab, query = '') =>
      who.lab.send<Booking>('DELETE', `/bookings/${id}${query}`)
    expect((await cancel(bob, '?reason=mine')).body.code).toBe('PINLAB_BOOKING_NOT_YOURS')
    expect((await cancel(keeper)).body.code).toBe('PINLAB_BOOKING_NOT_YOURS')
    await cancel(keeper, '?reason=fire%20drill')
    expect(await ann.booking(id)).toMatchObject({ state: 'cancelled', endDetail: 'fire drill' })
  })
})

describe('a series', () => {
  const week = 7 * 24 * hour

  it('books every week, or nothing and says which times fail', async () => {
    const body = { board: 'sim0', start: ann.at(60), end: ann.at(120), weeks: 4 }
    const blocked = 2 * 7 * 24 * 60
    await bob.book(blocked + 90, blocked + 100)
    const refused = await ann.lab.post<{ failed: object[] }>('/bookings/series', body)
    expect(refused.body).toMatchObject({
      code: 'PINLAB_BOOKING_SERIES',
      failed: [{ start: ann.at(blocked + 60), code: 'PINLAB_BOOKING_OVERLAP' }],
    })
    expect(await ann.calendar('&mine=true')).toEqual([])
    const made = await ann.lab.post<Series>('/bookings/series', { ...body, weeks: 2 })
    const starts = made.body.bookings.map(({ start }) => Date.parse(start))
    expect(starts).toEqual([Date.parse(ann.at(60)), Date.parse(ann.at(60)) + week])
  })

  it('is cancelled from one of its bookings on', async () => {
    const body = { board: 'sim0', start: ann.at(60), end: ann.at(90), weeks: 3 }
    const { bookings } = (await ann.lab.post<Series>('/bookings/series', body)).body
    await ann.lab.send('DELETE', `/bookings/${bookings[1]?.id}?following=true`)
    const left = await ann.calendar('&mine=true')
    expect(left.map(({ id }) => id)).toEqual([bookings[0]?.id])
  })

  it('keeps its time of day where clocks change meanwhile', async () => {
    await keeper.setPolicy({ timezone: 'America/New_York', horizonDays: 90 })
    // 10:00 in New York before and after 14 March 2027.
    const start = '2027-03-08T15:00:00Z'
    const body = { board: 'sim0', start, end: '2027-03-08T16:00:00Z', weeks: 2 }
    const { bookings } = (await ann.lab.post<Series>('/bookings/series', body)).body
    expect(bookings.map((booking) => booking.start)).toEqual([
      '2027-03-08T15:00:00.000Z',
      '2027-03-15T14:00:00.000Z',
    ])
  })
})

describe('maintenance', () => {
  const plan = (body: object) => keeper.lab.post<Booking>('/boards/sim0/maintenance', body)

  it('lists what it would cancel, and cancels it when told to', async () => {
    const booking = (await ann.book(30, 60)).body
    const body = { start: ann.at(45), end: ann.at(90), reason: 'new firmware' }
    const refused = await plan(body)
    expect(refused.body).toMatchObject({
      code: 'PINLAB_MAINTENANCE_CONFLICT',
      conflicts: [{ id: booking.id, isRunning: false }],
    })
    expect((await ann.booking(booking.id)).state).toBe('confirmed')
    expect((await plan({ ...body, cancel: true })).status).toBe(201)
    expect(await ann.booking(booking.id)).toMatchObject({
      state: 'cancelled',
      endDetail: 'Maintenance: new firmware',
    })
    expect((await ann.book(60, 75)).body.code).toBe('PINLAB_BOOKING_OVERLAP')
  })

  it('keeps the board from everybody while it is on, and gives it back checked', async () => {
    await plan({ end: ann.at(10), reason: 'cables' })
    await ann.pass(1)
    expect(await ann.status()).toMatchObject({ state: 'maintenance', stateReason: 'cables' })
    expect((await ann.take()).body.code).toBe('PINLAB_BOARD_NOT_READY')
    await ann.pass(9)
    await ann.clock.advance(1000)
    await ann.until('ready')
    expect((await ann.take()).status).toBe(201)
  })

  it('ends somebody’s lease, whose holder is told why', async () => {
    const lease = (await ann.take()).body
    await plan({ end: ann.at(30), reason: 'smoke', cancel: true })
    await ann.until('ready')
    await ann.clock.advance(1000)
    expect(await ann.until('maintenance')).toMatchObject({ lease: null })
    const { reader } = keeper.lab.database
    expect(await reader.lease.findUnique({ where: { id: lease.id } })).toMatchObject({
      endReason: 'revoked',
      endDetail: 'Maintenance: smoke',
    })
  })

  it('is the keeper’s, and can be cancelled', async () => {
    const body = { end: ann.at(30), reason: 'x' }
    expect((await ann.lab.post('/boards/sim0/maintenance', body)).status).toBe(403)
    const { id } = (await plan(body)).body
    await ann.pass(1)
    await keeper.lab.send('DELETE', `/bookings/${id}`)
    await ann.clock.advance(1000)
    await ann.until('ready')
  })
})
