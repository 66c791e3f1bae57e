import { describe, expect, it } from 'vitest'
import type { BoardStatus } from '../../server/contract/overview.ts'
import { matchScreen, paths } from '../../web/state/routes.ts'
import { boardFacts } from '../../web/views/overview/board-facts.ts'
import { dayWindow } from '../../web/views/overview/day-window.ts'

const now = new Date(2027, 0, 11, 14, 6).getTime()

describe('the day bar', () => {
  it('shows eight hours from an even one, with now in them', () => {
    const day = dayWindow(now)
    expect(day.hours.map(({ label }) => label)).toEqual([
      '12:00',
      '14:00',
      '16:00',
      '18:00',
      '20:00',
    ])
    expect(day.now).toBeCloseTo(2.1 / 8)
  })
})

describe('what the lab says of a board', () => {
  const endsAt = new Date(now + 24 * 60_000).toISOString()
  const leased = {
    lease: { holder: 'o', holderName: 'optics', endsAt },
    lockedByteLength: 65 * 2 ** 20,
    bookings: [],
    queue: [],
  } as unknown as BoardStatus

  it('is the time left and the memory locked for its holder', () => {
    expect(boardFacts(leased, 'yours', { now, me: 'o' }).sub).toBe('24 min left · 65 MiB locked')
  })

  it('is who has it for others', () => {
    expect(boardFacts(leased, 'held', { now, me: 'o' }).words).toMatch(/^optics until \d\d:\d\d$/)
  })

  it('is the reason where it is out of use', () => {
    const status = { stateReason: 'engine did not stop', bookings: [] as object[] } as BoardStatus
    expect(boardFacts(status, 'quarantined', { now, me: 'o' })).toMatchObject({
      words: 'quarantined',
      sub: 'engine did not stop',
    })
  })
})

describe('addresses of screens', () => {
  it.each([
    ['/', { screen: 'lab' }],
    ['/boards/sim0', { screen: 'bench', board: 'sim0' }],
    ['/calendar', { screen: 'calendar' }],
    ['/mine', { screen: 'mine' }],
    ['/rules', { screen: 'rules' }],
    ['/rules/x', { screen: 'missing' }],
    ['/sessions', { screen: 'sessions' }],
    ['/sessions/', { screen: 'sessions' }],
    ['/sessions/abc', { screen: 'session', id: 'abc' }],
    ['/doctor', { screen: 'doctor' }],
    ['/doctor/x', { screen: 'missing' }],
    ['/people', { screen: 'people' }],
    ['/account', { screen: 'account' }],
    ['/setup', { screen: 'set-up' }],
    ['/link', { screen: 'link' }],
    ['/link/x', { screen: 'missing' }],
    ['/boards', { screen: 'missing' }],
    ['/boards/sim0/x', { screen: 'missing' }],
    ['/%E0%A4%A', { screen: 'missing' }],
  ])('%s', (path, screen) => {
    expect(matchScreen(path)).toEqual(screen)
  })

  it('are made as they are read', () => {
    expect(matchScreen(paths.bench('a b'))).toEqual({ screen: 'bench', board: 'a b' })
  })
})
