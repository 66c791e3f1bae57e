import { describe, expect, it } from 'vitest'
import type { Booking, Policy, QueueEntry } from '../../server/contract/booking.ts'
import type { BoardStatus } from '../../server/contract/overview.ts'
import { rulesOf } from '../../web/shared/booking/board-rules.ts'
import { type Asker, turnOf } from '../../web/shared/booking/board-turn.ts'
import {
  endAfter,
  lengthWords,
  readStart,
  typed,
  usualLengths,
} from '../../web/shared/booking/booking-form.ts'
import { boardTrouble, sortOf, whoWords } from '../../web/shared/booking/booking-words.ts'
import { conflictsOf, failedOf, nearestOf } from '../../web/shared/booking/refusal.ts'
import {
  fieldFault,
  hasFault,
  policyChange,
  ruleFields,
  typedPolicy,
} from '../../web/views/bookings/rules/rules-form.ts'
import { nextWords } from '../../web/views/overview/board-facts.ts'

const berlin = 'Europe/Berlin'
const now = Date.parse('2027-01-11T14:02:00Z')
const minute = 60_000
const iso = (minutes: number) => new Date(now + minutes * minute).toISOString()

const booking = (more: Partial<Booking>) =>
  ({
    id: 'b',
    kind: 'booking',
    state: 'confirmed',
    owner: 'bo',
    ownerName: 'Bo',
    start: iso(60),
    end: iso(90),
    lease: null,
    claimBy: null,
    note: '',
    ...more,
  }) as Booking
const waiting = (person: string) =>
  ({ id: person, person, personName: person, state: 'waiting', place: 1 }) as QueueEntry
const status = (more: Partial<BoardStatus>) =>
  ({ board: 'sim0', state: 'ready', bookings: [], queue: [], lease: null, ...more }) as BoardStatus
const policy: Policy = {
  timezone: 'UTC',
  defaultMinutes: 30,
  longestMinutes: 480,
  horizonDays: 28,
  concurrentBookings: 5,
  weeklyHours: 40,
  boards: { sim1: { longestMinutes: 60 } },
  version: 3,
}
const asker: Asker = {
  me: 'ada',
  mayBook: true,
  controls: false,
  rules: rulesOf(policy, 'sim0'),
  now,
  zone: 'UTC',
}

describe('what one can do about a board', () => {
  it('is to use it for the usual time, or until the next booking', () => {
    expect(turnOf(status({}), asker).taking).toMatchObject({
      kind: 'use',
      until: Date.parse('2027-01-11T14:30Z'),
    })
    const next = status({ bookings: [booking({ start: iso(8) })] })
    expect(turnOf(next, asker).taking?.until).toBe(now + 8 * minute)
  })

  it('is nothing but to wait, where others waited before', () => {
    const turn = turnOf(status({ queue: [waiting('bo')] }), asker)
    expect(turn).toMatchObject({ taking: null, mayJoin: true, why: 'bo waits for it' })
    expect(turnOf(status({ queue: [waiting('ada'), waiting('bo')] }), asker).taking).not.toBeNull()
  })

  it('is to claim an offer and to begin a booking of one’s own', () => {
    const offer = booking({ owner: 'ada', state: 'held', start: iso(-1), claimBy: iso(2) })
    expect(turnOf(status({ bookings: [offer] }), asker).taking).toMatchObject({
      kind: 'claim',
      claimBy: now + 2 * minute,
    })
    const own = booking({ owner: 'ada', start: iso(-1) })
    expect(turnOf(status({ bookings: [own] }), asker).taking?.kind).toBe('begin')
  })

  it('is told with the reason where it cannot be taken', () => {
    const why = (more: Partial<BoardStatus>) => turnOf(status(more), asker).why
    expect(why({ bookings: [booking({ start: iso(-2) })] })).toBe(
      'Bo has booked it; free at 14:05 unless they come',
    )
    const maintenance = booking({ kind: 'maintenance', start: iso(-2), note: 'new firmware' })
    expect(why({ bookings: [maintenance] })).toBe('Maintenance until 15:32: new firmware')
    expect(why({ state: 'quarantined', stateReason: 'engine did not stop' })).toBe(
      'Out of use: engine did not stop',
    )
    expect(why({ state: 'leased', lease: { holderName: 'Bo', endsAt: iso(10) } as never })).toBe(
      'Bo has it until 14:12',
    )
  })

  it('is no waiting for a board that is out of use', () => {
    expect(turnOf(status({ state: 'offline' }), asker).mayJoin).toBe(false)
    expect(turnOf(status({ state: 'leased' }), asker).mayJoin).toBe(true)
  })

  it('is nothing for a role that books none', () => {
    expect(turnOf(status({}), { ...asker, mayBook: false })).toMatchObject({
      taking: null,
      mayJoin: false,
      mayBook: false,
    })
  })
})

describe('who is next', () => {
  it('is said with the time, and by name unless it is oneself', () => {
    const on = booking({ start: iso(-5) })
    const next = booking({ owner: 'ada', start: '2027-01-11T15:00:00Z' })
    expect(nextWords(status({ bookings: [on, next] }), now, 'ada')).toMatch(
      /^next: you, \d\d:\d\d$/,
    )
    expect(nextWords(status({ bookings: [on] }), now, 'ada')).toBeNull()
  })
})

describe('a booking', () => {
  it('is told apart by sort and by word', () => {
    expect(sortOf(booking({}), 'bo')).toBe('mine')
    expect(sortOf(booking({}), 'ada')).toBe('others')
    expect(whoWords(booking({ state: 'held' }), 'bo')).toBe('offered to you')
    // Maintenance is the lab's, whoever planned it.
    const maintenance = booking({ kind: 'maintenance' })
    expect([sortOf(maintenance, 'bo'), whoWords(maintenance, 'bo')]).toEqual([
      'maintenance',
      'maintenance',
    ])
  })

  it('warns where its board is out of use', () => {
    expect(boardTrouble(status({}))).toBeNull()
    expect(boardTrouble(status({ state: 'offline', stateReason: null }))).toBe('sim0 is offline')
  })
})

describe('the times of a booking as they are typed', () => {
  it('are read on the wall clock, and say which of two is meant', () => {
    const twice = { date: '2027-10-31', time: '02:30', second: false }
    expect(readStart(berlin, twice)).toEqual({ at: Date.parse('2027-10-31T00:30Z'), isTwice: true })
    expect(readStart(berlin, { ...twice, second: true })).toMatchObject({
      at: Date.parse('2027-10-31T01:30Z'),
    })
    expect(typed(berlin, Date.parse('2027-10-31T01:30Z'))).toEqual({ ...twice, second: true })
  })

  it('are refused where no clock shows them or no slot begins', () => {
    const fault = (date: string, time: string) =>
      'fault' in readStart(berlin, { date, time, second: false })
    expect(fault('2027-03-28', '02:30')).toBe(true)
    expect(fault('2027-03-28', '03:30')).toBe(false)
    expect(fault('2027-03-28', '03:31')).toBe(true)
    expect(fault('', '03:30')).toBe(true)
  })

  it('end on the same day or the next', () => {
    const start = Date.parse('2027-01-11T22:30Z')
    expect(endAfter(berlin, start, '23:45')).toBe(start + 15 * minute)
    expect(endAfter(berlin, start, '00:30')).toBe(start + 60 * minute)
    expect(endAfter(berlin, start, '23:30')).toBe(start + 24 * 60 * minute)
  })

  it('have a length in words, and usual lengths within the rules', () => {
    expect(lengthWords({ start: 0, end: 90 * minute })).toBe('1 h 30 min')
    expect(lengthWords({ start: 0, end: 60 * minute })).toBe('1 h')
    expect(usualLengths(45, 60)).toEqual([15, 30, 45, 60])
  })
})

describe('a refusal', () => {
  const problem = (more: object) =>
    ({ type: '', title: '', status: 409, detail: '', code: '', requestId: '', ...more }) as never

  it('may offer another time, and lists what failed or is in the way', () => {
    const nearest = { start: iso(0), end: iso(30) }
    expect(nearestOf(problem({ nearest }))).toEqual(nearest)
    expect(failedOf(problem({ failed: [{ ...nearest, code: 'X', detail: 'y' }] }))).toHaveLength(1)
    expect(conflictsOf(problem({ conflicts: [{ ...nearest, id: 'a' }] }))).toHaveLength(1)
  })

  it('offers nothing where the server says nothing, or nonsense', () => {
    expect(nearestOf(null)).toBeNull()
    expect(nearestOf(problem({ nearest: 'soon' }))).toBeNull()
    expect(failedOf(problem({ failed: [1, null] }))).toEqual([])
    expect(conflictsOf(problem({}))).toEqual([])
  })
})

describe('the rules as they are typed', () => {
  const form = () => typedPolicy(policy, ['sim0', 'sim1'])

  it('change nothing where nothing was typed', () => {
    expect(policyChange(policy, form())).toBeNull()
    expect(hasFault(form())).toBe(false)
  })

  it('change only what differs', () => {
    const wanted = form()
    wanted.rules.horizonDays = '60'
    wanted.timezone = berlin
    expect(policyChange(policy, wanted)).toEqual({ horizonDays: 60, timezone: berlin })
  })

  it('give a board rules of its own, and take them away', () => {
    const wanted = form()
    if (wanted.boards.sim0) wanted.boards.sim0.weeklyHours = '4'
    if (wanted.boards.sim1) wanted.boards.sim1.longestMinutes = ''
    expect(policyChange(policy, wanted)).toEqual({
      boards: { sim0: { weeklyHours: 4 }, sim1: null },
    })
  })

  it('keep a board that the lab has no more in sight', () => {
    expect(Object.keys(typedPolicy(policy, ['sim0']).boards)).toEqual(['sim0', 'sim1'])
  })

  it('are refused beyond their limits, and off the grid of slots', () => {
    const [minutes] = ruleFields
    if (!minutes) throw new Error('no fields')
    expect(fieldFault(minutes, '30', false)).toBeUndefined()
    expect(fieldFault(minutes, '', true)).toBeUndefined()
    for (const bad of ['', '32', '0', '500', '1.5', 'x']) {
      expect(fieldFault(minutes, bad, false)).toBeDefined()
    }
  })
})
