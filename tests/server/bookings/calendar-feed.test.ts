// The calendar feed, read by a parser that is not ours.

import ICAL from 'ical.js'
import { DateTime } from 'luxon'
import { describe, expect, it } from 'vitest'
import type {
  Booking,
  CalendarFeed,
  CalendarFeedState,
  Policy,
  Series,
} from '../../../server/contract/booking.ts'
import type { Lease } from '../../../server/contract/lease.ts'
import { hashOf } from '../../../server/identity/secrets.ts'
import { useCheapHashes } from '../../support/cheap-hashes.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { day, hour } from '../../support/identity.ts'
import { addTestPerson } from '../../support/people.ts'
import { browserOf } from '../../support/test-browser.ts'
import { openLab, type TestLab } from '../../support/test-lab.ts'

useCheapHashes()

const iso = (at: number | string | Date) => new Date(at).toISOString()

async function feedOf(lab: TestLab, person = lab.person) {
  const browser = await browserOf(lab.app, person)
  const { status, body } = await browser.send<CalendarFeed>('POST', '/me/calendar', {})
  expect(status).toBe(201)
  expect(body.path).toMatch(/^\/api\/v1\/calendars\/[\w-]{43}\.ics$/)
  return { browser, path: body.path }
}

/** As a calendar program asks: without any sign-in. */
function fetchFeed({ app }: TestLab, path: string, remoteAddress = '192.0.2.7') {
  return app.inject({ url: path, remoteAddress, headers: { host: '127.0.0.1' } })
}

async function eventsOf(lab: TestLab, path: string): Promise<InstanceType<typeof ICAL.Event>[]> {
  const answer = await fetchFeed(lab, path)
  expect(answer.statusCode).toBe(200)
  const calendar = new ICAL.Component(ICAL.parse(answer.body))
  return calendar.getAllSubcomponents('vevent').map((one) => new ICAL.Event(one))
}

const statusIn = ({ component }: InstanceType<typeof ICAL.Event>) =>
  component.getFirstPropertyValue('status')

async function book(lab: TestLab, start: number, more: object = {}): Promise<Booking> {
  const asked = { board: 'sim0', start: iso(start), end: iso(start + hour), ...more }
  const { status, body } = await lab.post<Booking>('/bookings', asked)
  expect(status).toBe(201)
  return body
}

describe('the address of a calendar', () => {
  it('is made, replaced and revoked by its person; only the newest one answers', async () => {
    const lab = await openLab()
    const { browser, path: first } = await feedOf(lab)
    const state = async () => (await browser.send<CalendarFeedState>('GET', '/me/calendar')).body
    expect(await state()).toEqual({ exists: true, createdAt: iso(lab.clock.now()) })
    const second = (await browser.send<CalendarFeed>('POST', '/me/calendar', {})).body.path
    expect((await fetchFeed(lab, first)).json().code).toBe('PINLAB_CALENDAR_UNKNOWN')
    const answer = await fetchFeed(lab, second)
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([
      200,
      'text/calendar; charset=utf-8',
    ])
    expect((await browser.send('DELETE', '/me/calendar')).status).toBe(204)
    expect((await browser.send('DELETE', '/me/calendar')).status).toBe(204)
    expect(await state()).toEqual({ exists: false, createdAt: null })
    const gone = await fetchFeed(lab, second)
    expect([gone.statusCode, gone.json().code]).toEqual([404, 'PINLAB_CALENDAR_UNKNOWN'])
    const types = (await lab.database.reader.auditEvent.findMany()).map(({ type }) => type)
    expect(types.filter((type) => type.startsWith('calendar.'))).toEqual([
      'calendar.made',
      'calendar.made',
      'calendar.revoked',
    ])
  })

  it('is not made by a token, and kept as a hash alone', async () => {
    const lab = await openLab()
    expect((await lab.post('/me/calendar')).body.code).toBe('PINLAB_PERMISSION_DENIED')
    const { path } = await feedOf(lab)
    const secret = path.slice('/api/v1/calendars/'.length, -'.ics'.length)
    const [row] = await lab.database.reader.calendarFeed.findMany()
    expect(row?.secretHash).toBe(hashOf(secret))
    const events = JSON.stringify(await lab.database.reader.auditEvent.findMany())
    expect(events).not.toContain(secret)
    expect(events).not.toContain(hashOf(secret))
  })

  it('answers nobody while its person is disabled', async () => {
    const lab = await openLab()
    const person = await addTestPerson(lab.database, 'operator')
    const { path } = await feedOf(lab, person)
    const setDisabled = async (disabled: boolean) => {
      const tag = String((await lab.get(`/users/${person.id}`)).headers.etag)
      const change = { disabled }
      const { status } = await lab.send('PATCH', `/users/${person.id}`, change, { 'if-match': tag })
      expect(status).toBe(200)
    }
    await setDisabled(true)
    expect((await fetchFeed(lab, path)).json().code).toBe('PINLAB_CALENDAR_UNKNOWN')
    await setDisabled(false)
    expect((await fetchFeed(lab, path)).statusCode).toBe(200)
  })

  it('cannot be searched for: one network has only so many attempts a minute', async () => {
    const lab = await openLab()
    const { path } = await feedOf(lab)
    const codes = new Set<string>()
    for (let n = 0; n < 121; n++) {
      codes.add((await fetchFeed(lab, `/api/v1/calendars/guess${n}.ics`)).json().code)
    }
    expect([...codes]).toEqual(['PINLAB_CALENDAR_UNKNOWN', 'PINLAB_SIGN_IN_TOO_MANY'])
    expect((await fetchFeed(lab, path)).statusCode).toBe(429)
    expect((await fetchFeed(lab, path, '198.51.100.9')).statusCode).toBe(200)
  })

  it('stands in no log, whatever becomes of it', async () => {
    const lines: string[] = []
    const stream = { write: (line: string) => void lines.push(line) }
    const lab = await openLab({ logger: { level: 'trace', stream } })
    const { path } = await feedOf(lab)
    const secret = path.slice('/api/v1/calendars/'.length, -'.ics'.length)
    expect((await fetchFeed(lab, path)).statusCode).toBe(200)
    // With its end, or its beginning, lost on the way, and with more behind it.
    expect((await fetchFeed(lab, path.replace('.ics', ''))).statusCode).toBe(404)
    expect((await fetchFeed(lab, `/Calendars/${secret}.ics`)).statusCode).toBe(404)
    await fetchFeed(lab, `${path}?a=b`)
    await lab.app.inject({ method: 'HEAD', url: path, headers: { host: '127.0.0.1' } })
    await lab.app.inject({ url: path, headers: { host: 'elsewhere.example' } })
    await lab.database.write((tx) =>
      tx.$executeRawUnsafe('ALTER TABLE CalendarFeed RENAME TO gone'),
    )
    expect((await fetchFeed(lab, path)).statusCode).toBe(500)
    await lab.app.close()
    expect(lines.filter((line) => line.includes('/calendars/…')).length).toBeGreaterThan(3)
    expect(lines.some((line) => line.includes('"level":50'))).toBe(true)
    for (const one of [secret, hashOf(secret)]) {
      expect(lines.filter((line) => line.includes(one))).toEqual([])
    }
  })
})

describe('a calendar', () => {
  it('shows a booking under one UID as it is moved and cancelled', async () => {
    const lab = await openLab()
    const { path } = await feedOf(lab)
    const start = lab.clock.now() + day
    const booking = await book(lab, start, { note: 'ring; see\nthe, “plan”\u0007' })
    const [made] = await eventsOf(lab, path)
    expect(made).toMatchObject({ uid: `${booking.id}@pinlab`, summary: 'Simulated digitizer' })
    expect(made?.description).toBe('ring; see\nthe, “plan” ')
    expect(made?.startDate.toJSDate()).toEqual(new Date(start))
    expect(made?.startDate.zone).toBe(ICAL.Timezone.utcTimezone)
    expect(made && statusIn(made)).toBe('CONFIRMED')

    const times = { start: iso(start + hour), end: iso(start + 2 * hour) }
    const headers = { 'if-match': `"${booking.version}"` }
    expect((await lab.send('PATCH', `/bookings/${booking.id}`, times, headers)).status).toBe(200)
    const [moved] = await eventsOf(lab, path)
    expect(moved?.uid).toBe(made?.uid)
    expect(moved?.sequence).toBeGreaterThan(made?.sequence ?? 0)
    expect(moved?.startDate.toJSDate()).toEqual(new Date(times.start))
    expect(moved?.endDate.toJSDate()).toEqual(new Date(times.end))

    expect((await lab.send('DELETE', `/bookings/${booking.id}`)).status).toBe(200)
    const [cancelled] = await eventsOf(lab, path)
    expect(cancelled?.uid).toBe(made?.uid)
    expect(cancelled?.sequence).toBeGreaterThan(moved?.sequence ?? 0)
    expect(cancelled && statusIn(cancelled)).toBe('CANCELLED')
  })

  it('has what was 90 days ago and all that comes, of its person alone', async () => {
    const lab = await openLab()
    const { path } = await feedOf(lab)
    const other = await addTestPerson(lab.database, 'operator')
    await lab.as(other).take()
    expect(await eventsOf(lab, path)).toEqual([])
    const mine = await feedOf(lab, other)
    const [used] = await eventsOf(lab, mine.path)
    const until = { end: iso(lab.clock.now() + 3 * day), reason: 'new cable' }
    const maintenance = { start: iso(lab.clock.now() + 2 * day), ...until }
    expect((await lab.post('/boards/sim0/maintenance', maintenance)).status).toBe(201)
    expect(await eventsOf(lab, path)).toEqual([])
    const end = used?.endDate.toJSDate().getTime() ?? 0
    await lab.clock.advance(end + 90 * day - 1 - lab.clock.now())
    expect(await eventsOf(lab, mine.path)).toHaveLength(1)
    await lab.clock.advance(1)
    expect(await eventsOf(lab, mine.path)).toHaveLength(0)
  })

  it('shows when a lease that was given back early ended', async () => {
    const lab = await openLab()
    const { path } = await feedOf(lab)
    const lease = await lab.take()
    await lab.clock.advance(7 * 60_000)
    expect((await lab.post<Lease>(`/leases/${lease.id}/release`)).status).toBe(200)
    const [used] = await eventsOf(lab, path)
    expect(used?.endDate.toJSDate()).toEqual(new Date(lab.clock.now()))
  })
})

/** The four Sundays of 2027 at which clocks change: 14 and 28 March, 31 October, 7 November. */
const changes = [
  { timezone: 'Europe/Berlin', first: '2027-03-17T14:00', offsets: [60, 60, 120, 120] },
  { timezone: 'Europe/Berlin', first: '2027-10-20T14:00', offsets: [120, 120, 60, 60] },
  { timezone: 'America/New_York', first: '2027-03-03T14:00', offsets: [-300, -300, -240, -240] },
  { timezone: 'America/New_York', first: '2027-10-27T14:00', offsets: [-240, -240, -300, -300] },
]

describe('a weekly series over a change of clocks', () => {
  it.each(changes)('keeps its local time: $timezone from $first', async (change) => {
    const { timezone, first, offsets } = change
    const start = DateTime.fromISO(first, { zone: timezone })
    const clock = new FakeClock()
    await clock.advance(start.minus({ days: 5 }).toMillis() - clock.now())
    const lab = await openLab({ clock })
    const rules = { timezone, horizonDays: 60 }
    const policy = await lab.send<Policy>('PATCH', '/policy', rules, { 'if-match': '"1"' })
    expect(policy.status).toBe(200)
    const { path } = await feedOf(lab)
    const asked = { board: 'sim0', start: start.toUTC().toISO(), end: iso(start.toMillis() + hour) }
    const { status } = await lab.post<Series>('/bookings/series', { ...asked, weeks: 4 })
    expect(status).toBe(201)

    const events = await eventsOf(lab, path)
    const starts = events.map(({ startDate }) => startDate.toJSDate())
    const local = starts.map((at) => DateTime.fromJSDate(at, { zone: timezone }))
    expect(local.map((at) => at.toFormat('ccc HH:mm'))).toEqual(Array(4).fill('Wed 14:00'))
    expect(local.map((at) => at.offset)).toEqual(offsets)
    expect(local.map((at) => at.toFormat('yyyy-MM-dd'))).toEqual(
      [0, 1, 2, 3].map((weeks) => start.plus({ weeks }).toFormat('yyyy-MM-dd')),
    )
    const lengths = events.map(({ duration }) => duration.toSeconds())
    expect(lengths).toEqual(Array(4).fill(3600))
  })
})
