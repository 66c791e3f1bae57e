import { describe, expect, it } from 'vitest'
import type { Booking } from '../../server/contract/booking.ts'
import { partOf, placeIn, touches } from '../../web/shared/span.ts'
import {
  calendarSpan,
  clockChange,
  clockChangeWords,
  daysIn,
  hoursIn,
  turn,
} from '../../web/views/bookings/calendar/calendar-span.ts'
import { type Cursor, moveCursor, usualSpan } from '../../web/views/bookings/calendar/cursor.ts'
import { dayEntries } from '../../web/views/bookings/calendar/day-entries.ts'
import { type Drag, dragged, isDrag, slotMs } from '../../web/views/bookings/calendar/drag.ts'

const hour = 3_600_000
const berlin = 'Europe/Berlin'

describe('a span of time', () => {
  it('cuts another to itself', () => {
    const whole = { start: 0, end: 8 * hour }
    expect(placeIn(whole, { start: -hour, end: 2 * hour })).toEqual({ left: 0, width: 0.25 })
    expect(placeIn(whole, { start: 6 * hour, end: 99 * hour })).toEqual({ left: 0.75, width: 0.25 })
    expect(placeIn(whole, { start: 9 * hour, end: 10 * hour })).toBeNull()
  })

  it('does not touch what begins at its end', () => {
    expect(touches({ start: 0, end: 1 }, { start: 1, end: 2 })).toBe(false)
    expect(touches({ start: 0, end: 2 }, { start: 1, end: 2 })).toBe(true)
  })
})

describe('the calendar’s axis', () => {
  const plain = calendarSpan(berlin, 'day', '2027-01-11')
  const short = calendarSpan(berlin, 'day', '2027-03-28')
  const long = calendarSpan(berlin, 'day', '2027-10-31')

  it('is as long as the day is', () => {
    expect([plain, short, long].map(({ start, end }) => (end - start) / hour)).toEqual([24, 23, 25])
    const week = calendarSpan(berlin, 'week', '2027-03-28')
    expect((week.end - week.start) / hour).toBe(7 * 24 - 1)
    expect(daysIn(berlin, week).map(({ label }) => label)[6]).toBe('Sun 28 Mar')
  })

  it('leaves out the hour that is skipped, and marks the repeated one twice', () => {
    const labels = (span: typeof plain) => hoursIn(berlin, span, 1).map(({ label }) => label)
    expect(labels(short).slice(0, 4)).toEqual(['00:00', '01:00', '03:00', '04:00'])
    expect(labels(long).slice(0, 5)).toEqual(['00:00', '01:00', '02:00', '02:00', '03:00'])
    expect(labels(plain)).toHaveLength(24)
  })

  it('places hours by the time that passes', () => {
    const noon = hoursIn(berlin, short, 12).find(({ label }) => label === '12:00')
    expect(partOf(short, noon?.at ?? 0)).toBeCloseTo(11 / 23)
  })

  it('has its marks where the timezone is not whole hours from UTC', () => {
    const day = calendarSpan('Australia/Lord_Howe', 'day', '2027-04-04')
    // Clocks go back half an hour there.
    expect((day.end - day.start) / hour).toBe(24.5)
    expect(hoursIn('Australia/Lord_Howe', day, 6).map(({ label }) => label)).toEqual([
      '00:00',
      '06:00',
      '12:00',
      '18:00',
    ])
  })

  it('tells of a change of clocks, with the minute', () => {
    expect(clockChange(berlin, plain)).toBeNull()
    expect(clockChange(berlin, short)).toEqual({ at: Date.parse('2027-03-28T01:00Z'), byMs: hour })
    const back = clockChange(berlin, long)
    expect(back).toEqual({ at: Date.parse('2027-10-31T01:00Z'), byMs: -hour })
    expect(back && clockChangeWords(berlin, back)).toBe(
      'Sun 31 Oct: clocks go back an hour, to 02:00',
    )
  })

  it('turns by days and by weeks', () => {
    expect(turn('2027-01-11', 'day', -1)).toBe('2027-01-10')
    expect(turn('2027-01-11', 'week', 1)).toBe('2027-01-18')
  })
})

describe('a drag', () => {
  const drag = (more: Partial<Drag>) =>
    dragged({ kind: 'create', from: { start: 0, end: 0 }, origin: 0, at: 0, earliest: 0, ...more })
  const minute = 60_000

  it('makes a stretch both ways, of whole slots', () => {
    expect(drag({ origin: 61 * minute, at: 83 * minute })).toEqual({
      start: 60 * minute,
      end: 85 * minute,
    })
    expect(drag({ origin: 83 * minute, at: 61 * minute })).toEqual({
      start: 60 * minute,
      end: 85 * minute,
    })
  })

  it('does not begin in the past', () => {
    const made = drag({ origin: 10 * minute, at: 70 * minute, earliest: 60 * minute })
    expect(made.start).toBe(60 * minute)
    const from = { start: 60 * minute, end: 90 * minute }
    const moved = drag({ kind: 'move', from, origin: 0, at: -hour, earliest: 40 * minute })
    expect(moved).toEqual({ start: 40 * minute, end: 70 * minute })
  })

  it('moves with its length, in slots', () => {
    const from = { start: 60 * minute, end: 90 * minute }
    const moved = drag({ kind: 'move', from, origin: 70 * minute, at: 82 * minute })
    expect(moved).toEqual({ start: 70 * minute, end: 100 * minute })
  })

  it('never makes it shorter than a slot', () => {
    const from = { start: 60 * minute, end: 90 * minute }
    expect(drag({ kind: 'end', from, at: 0 }).end - from.start).toBe(slotMs)
    expect(drag({ kind: 'start', from, at: 9 * hour }).start).toBe(from.end - slotMs)
  })

  it('is none while the hand only trembles', () => {
    expect(isDrag({ x: 0, y: 0 }, { x: 3, y: 2 })).toBe(false)
    expect(isDrag({ x: 0, y: 0 }, { x: 5, y: 0 })).toBe(true)
  })
})

describe('the cursor', () => {
  const keyboard = { rows: 3, span: { start: 0, end: 24 * hour }, stepMs: slotMs }
  const at = (start: number, more: Partial<Cursor> = {}): Cursor => ({
    row: 0,
    start,
    end: start + slotMs,
    ...more,
  })
  const press = (key: string, more = {}) => ({ key, shiftKey: false, ctrlKey: false, ...more })

  it('moves by slots, hours and boards, and stays inside', () => {
    expect(moveCursor(at(0), press('ArrowRight'), keyboard)).toEqual(at(slotMs))
    expect(moveCursor(at(0), press('ArrowRight', { ctrlKey: true }), keyboard)).toEqual(at(hour))
    expect(moveCursor(at(0), press('ArrowLeft'), keyboard)).toEqual(at(0))
    expect(moveCursor(at(0), press('End'), keyboard)).toEqual(at(24 * hour - slotMs))
    expect(moveCursor(at(0, { row: 2 }), press('ArrowDown'), keyboard)?.row).toBe(2)
    expect(moveCursor(at(0), press('ArrowDown'), keyboard)?.row).toBe(1)
  })

  it('selects with Shift, and gives it up with Escape', () => {
    const shift = { shiftKey: true }
    const long = moveCursor(at(0), press('ArrowRight', shift), keyboard)
    expect(long).toEqual({ row: 0, start: 0, end: 2 * slotMs })
    expect(moveCursor(long ?? at(0), press('ArrowLeft', shift), keyboard)).toEqual(at(0))
    expect(moveCursor(long ?? at(0), press('Escape'), keyboard)).toEqual(at(0))
    expect(moveCursor(at(0), press('Escape'), keyboard)).toBeNull()
  })

  it('selects half hours where slots cannot be seen', () => {
    const week = { ...keyboard, stepMs: hour / 2 }
    expect(moveCursor(at(0), press('ArrowRight', { shiftKey: true }), week)?.end).toBe(hour / 2)
  })

  it('leaves other keys alone', () => {
    expect(moveCursor(at(0), press('x'), keyboard)).toBeNull()
  })

  it('offers the usual length, or what is free of it', () => {
    expect(usualSpan(0, 30, [])).toEqual({ start: 0, end: hour / 2 })
    expect(usualSpan(0, 30, [{ start: slotMs, end: hour }])).toEqual({ start: 0, end: slotMs })
  })
})

describe('a board’s day as a list', () => {
  const booking = (start: number, end: number, state = 'confirmed') =>
    ({ start: new Date(start).toISOString(), end: new Date(end).toISOString(), state }) as Booking
  const day = { start: 0, end: 24 * hour }
  const shape = (bookings: Booking[], now: number) =>
    dayEntries(bookings, day, now).map(({ start, end, booking }) => [
      start / hour,
      end / hour,
      booking ? 'has' : 'free',
    ])

  it('has the bookings in order, and the gaps from now on', () => {
    const bookings = [booking(20 * hour, 26 * hour), booking(2 * hour, 3 * hour, 'over')]
    expect(shape(bookings, 10 * hour)).toEqual([
      [2, 3, 'has'],
      [10, 20, 'free'],
      [20, 26, 'has'],
    ])
  })

  it('is one gap where nothing is booked, and nothing when it is over', () => {
    expect(shape([], 6 * hour)).toEqual([[6, 24, 'free']])
    expect(shape([], 24 * hour)).toEqual([])
  })
})
