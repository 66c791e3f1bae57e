import { describe, expect, it } from 'vitest'
import {
  addDays,
  instantsOf,
  mondayOf,
  offsetWords,
  sameClocks,
  spanWords,
  startOfDay,
  timeIn,
  wallTime,
  withLocalTimes,
} from '../../web/shared/zoned-time.ts'

const berlin = 'Europe/Berlin'
const utc = (text: string) => Date.parse(`${text}Z`)

describe('what is typed on a wall clock', () => {
  it('is one instant on most days', () => {
    expect(instantsOf(berlin, { date: '2027-01-11', time: '15:00' })).toEqual([
      utc('2027-01-11T14:00'),
    ])
  })

  it('is none where the clocks skip it', () => {
    expect(instantsOf(berlin, { date: '2027-03-28', time: '02:30' })).toEqual([])
  })

  it('is two where the clocks repeat it', () => {
    expect(instantsOf(berlin, { date: '2027-10-31', time: '02:30' })).toEqual([
      utc('2027-10-31T00:30'),
      utc('2027-10-31T01:30'),
    ])
  })

  it('is none where it is no time', () => {
    expect(instantsOf(berlin, { date: '', time: '12:00' })).toEqual([])
  })

  it('comes back as it was, at all hours of both days on which clocks change', () => {
    for (const first of [utc('2027-03-27T23:00'), utc('2027-10-30T22:00')]) {
      for (let step = 0; step < 25 * 12; step++) {
        const at = first + step * 300_000
        expect(instantsOf(berlin, wallTime(berlin, at))).toContain(at)
      }
    }
  })
})

describe('the start of a day', () => {
  it.each([
    [berlin, '2027-03-28', '2027-03-27T23:00'],
    [berlin, '2027-03-29', '2027-03-28T22:00'],
    ['America/New_York', '2027-11-07', '2027-11-07T04:00'],
    ['Asia/Kathmandu', '2027-05-01', '2027-04-30T18:15'],
    // Midnight is skipped: the day begins at one.
    ['Africa/Cairo', '2027-04-30', '2027-04-29T22:00'],
  ])('in %s, %s', (zone, date, start) => {
    expect(startOfDay(zone, date)).toBe(utc(start))
  })

  it('of the next day is found over the ends of months and years', () => {
    expect(addDays('2027-02-28', 1)).toBe('2027-03-01')
    expect(addDays('2027-01-01', -1)).toBe('2026-12-31')
    expect([mondayOf('2027-01-11'), mondayOf('2027-01-17')]).toEqual(['2027-01-11', '2027-01-11'])
  })
})

describe('times in words', () => {
  it('name the days only where there are two', () => {
    const start = utc('2027-01-11T22:00')
    expect(spanWords(berlin, start, start + 3_600_000)).toBe('23:00–00:00')
    expect(spanWords(berlin, start, start + 7_200_000)).toBe('Mon 11 Jan 23:00 – Tue 12 Jan 01:00')
  })

  it('show the same instant as each zone does', () => {
    expect(timeIn('Asia/Kathmandu', utc('2027-01-11T00:00'))).toBe('05:45')
    expect(offsetWords('Asia/Kathmandu', utc('2027-01-11T00:00'))).toBe('UTC+5:45')
    expect(offsetWords('America/New_York', utc('2027-01-11T00:00'))).toBe('UTC−5')
    expect(sameClocks(berlin, 'Europe/Madrid', utc('2027-01-11T00:00'))).toBe(true)
    expect(sameClocks(berlin, 'Europe/Lisbon', utc('2027-01-11T00:00'))).toBe(false)
  })

  it('replace what the server says in UTC', () => {
    expect(withLocalTimes('Bo has sim0 until 2027-01-11T14:30:00.000Z.', berlin)).toBe(
      'Bo has sim0 until Mon 11 Jan 15:30.',
    )
  })
})
