// The lab's rules: who changes them, what is refused, and that they hold.

import { describe, expect, it } from 'vitest'
import type { Booking, Policy } from '../../../server/contract/booking.ts'
import { hour } from '../../support/identity.ts'
import { addTestPerson } from '../../support/people.ts'
import { digitizer, openLab, sharedLab, type TestLab } from '../../support/test-lab.ts'

const minute = 60_000
const shared = sharedLab()

const change = (lab: TestLab, rules: object, version: number) =>
  lab.send<Policy>('PATCH', '/policy', rules, { 'if-match': `"${version}"` })

function book(lab: TestLab, startMs: number, lengthMs = 30 * minute, board = 'sim0') {
  const [start, end] = [startMs, startMs + lengthMs].map((at) => new Date(at).toISOString())
  return lab.post<Booking & { rule?: string; limit?: number }>('/bookings', { board, start, end })
}

describe('the policy', () => {
  it('has defaults that everybody sees, and a version', async () => {
    const viewer = shared().as(await addTestPerson(shared().database, 'viewer'))
    const { status, body, headers } = await viewer.get<Policy>('/policy')
    expect([status, headers.etag]).toEqual([200, '"1"'])
    expect(body).toEqual({
      ...{ timezone: 'UTC', defaultMinutes: 30, longestMinutes: 480, horizonDays: 28 },
      ...{ concurrentBookings: 5, weeklyHours: 40, boards: {}, version: 1 },
    })
  })

  it('is changed by keepers, who have seen what they change', async () => {
    const lab = await openLab()
    const operator = lab.as(await addTestPerson(lab.database, 'operator'))
    expect((await change(operator, { weeklyHours: 9 }, 1)).body.code).toBe(
      'PINLAB_PERMISSION_DENIED',
    )
    const blind = await lab.send('PATCH', '/policy', { weeklyHours: 9 })
    expect([blind.status, blind.body.code]).toEqual([428, 'PINLAB_REQUEST_PRECONDITION'])
    const first = await change(lab, { weeklyHours: 9, timezone: 'Europe/Berlin' }, 1)
    expect([first.status, first.headers.etag]).toEqual([200, '"2"'])
    expect(first.body).toMatchObject({ weeklyHours: 9, timezone: 'Europe/Berlin', version: 2 })
    const late = await change(lab, { horizonDays: 3 }, 1)
    expect([late.status, late.body.code]).toEqual([412, 'PINLAB_REQUEST_STALE'])
    expect((await lab.get<Policy>('/policy')).body).toEqual(first.body)
    const events = await lab.database.reader.auditEvent.findMany({
      where: { type: 'policy.changed' },
    })
    expect(events.map(({ payload }) => JSON.parse(payload))).toMatchObject([
      { actor: lab.person.id, detail: { weeklyHours: 9, timezone: 'Europe/Berlin' } },
    ])
  })

  it.each([
    [{ timezone: 'Europe/Atlantis' }, 'a timezone that nobody knows'],
    [{ timezone: 'Berlin' }, 'half a timezone'],
    [{ defaultMinutes: 60, longestMinutes: 30 }, 'a default longer than the longest'],
    [{ longestMinutes: 25 }, 'the longest shorter than the default there is'],
    [{ boards: { sim0: { longestMinutes: 20 } } }, 'the same on one board'],
  ])('refuses what cannot be: %o, %s', async (rules: object, _why) => {
    const { status, body } = await change(shared(), rules, 1)
    expect([status, body.code]).toEqual([400, 'PINLAB_POLICY_INVALID'])
    expect((await shared().get<Policy>('/policy')).body.version).toBe(1)
  })

  it.each([
    { defaultMinutes: 7 },
    { longestMinutes: 485 },
    { horizonDays: 0 },
    { concurrentBookings: 101 },
    { weeklyHours: 169 },
    { boards: { sim0: { colour: 1 } } },
    { version: 7 },
    {},
  ])('refuses what is out of bounds: %o', async (rules) => {
    expect((await change(shared(), rules, 1)).body.code).toBe('PINLAB_REQUEST_INVALID')
  })

  it('refuses rules of a board that there is not', async () => {
    const { body } = await change(shared(), { boards: { other: { weeklyHours: 3 } } }, 1)
    expect(body.code).toBe('PINLAB_BOARD_UNKNOWN')
  })
})

describe('a board', () => {
  const boards = [digitizer, { ...digitizer, id: 'sim1' }]

  it('may have rules of its own, which count what is on it alone, until they are taken away', async () => {
    const lab = await openLab({ boards })
    const own = { longestMinutes: 60, defaultMinutes: 15, concurrentBookings: 1 }
    expect((await change(lab, { boards: { sim0: own } }, 1)).body.boards).toEqual({ sim0: own })
    const start = lab.clock.now() + 3 * hour
    const tooLong = await book(lab, start, 2 * hour)
    expect(tooLong.body).toMatchObject({ code: 'PINLAB_BOOKING_LENGTH', limit: 60 })
    expect((await book(lab, start, 2 * hour, 'sim1')).status).toBe(201)
    expect((await book(lab, start, hour)).status).toBe(201)
    const second = await book(lab, start + 2 * hour)
    expect(second.body).toMatchObject({ code: 'PINLAB_BOOKING_CONCURRENT', limit: 1 })
    const lease = await lab.take()
    expect(Date.parse(lease.endsAt) - lab.clock.now()).toBe(15 * minute)

    const other = await change(lab, { boards: { sim1: { horizonDays: 1 } } }, 2)
    expect(other.body.boards).toEqual({ sim0: own, sim1: { horizonDays: 1 } })
    const none = await change(lab, { boards: { sim0: null, sim1: {} } }, 3)
    expect(none.body.boards).toEqual({})
    expect((await book(lab, start + 4 * hour, 2 * hour)).status).toBe(201)
  })

  it('keeps bookings that were made before the rules', async () => {
    const lab = await openLab()
    const { body } = await book(lab, lab.clock.now() + 20 * 24 * hour, 8 * hour)
    await change(lab, { horizonDays: 1, longestMinutes: 30, weeklyHours: 1 }, 1)
    await lab.clock.advance(1000)
    expect((await lab.get<Booking>(`/bookings/${body.id}`)).body).toEqual(body)
    const refused = await book(lab, lab.clock.now() + 21 * 24 * hour - 1000)
    expect(refused.body.code).toBe('PINLAB_BOOKING_HORIZON')
  })
})

describe('the hours of a week', () => {
  it('are those of the lab’s timezone', async () => {
    const lab = await openLab()
    await change(lab, { timezone: 'America/New_York', weeklyHours: 2 }, 1)
    // Sunday 23:00 in New York is Monday 4:00 in UTC: still the week that the test begins in.
    const monday = Date.parse('2027-01-18T05:00:00Z')
    expect((await book(lab, monday - 2 * hour, 2 * hour)).status).toBe(201)
    const more = await book(lab, monday - 3 * hour)
    expect(more.body).toMatchObject({
      code: 'PINLAB_BOOKING_WEEKLY',
      rule: 'weeklyHours',
      limit: 2,
    })
    expect((await book(lab, monday, 2 * hour)).status).toBe(201)
  })
})
