import { describe, expect, it } from 'vitest'
import type { Lease } from '../../server/contract/lease.ts'
import type { BoardStatus } from '../../server/contract/overview.ts'
import { lookAtLeases, type Memory, type News, warningAt } from '../../web/state/lease-news.ts'
import { newsWords } from '../../web/state/lease-words.ts'

const minute = 60_000
const end = Date.parse('2027-01-11T14:30:00Z')
const me = { id: 'ada' }

const lease = (more: Partial<Lease> = {}): Lease => ({
  id: 'lease1',
  board: 'sim0',
  booking: null,
  holder: 'ada',
  holderName: 'Ada',
  state: 'active',
  startedAt: '2027-01-11T14:00:00Z',
  endsAt: new Date(end).toISOString(),
  endedAt: null,
  endReason: null,
  endDetail: null,
  members: [],
  memberDetails: [],
  watchable: false,
  ...more,
})
const keeper = { id: 'kim', login: 'kim', name: 'Kim', override: 'it smokes' }

/** Looks again and again, as the page does once a second. */
class Page {
  constructor(public memory: Memory = {}) {}

  look(now: number, one: Lease | null = lease()): News[] {
    const statuses = [{ board: 'sim0', lease: one } as BoardStatus]
    const { memory, news } = lookAtLeases(this.memory, { statuses, me, now })
    this.memory = memory
    return news
  }

  /** The same browser opens the page anew. */
  reload(): Page {
    return new Page(JSON.parse(JSON.stringify(this.memory)))
  }
}

const minutesOf = (news: News[]) => news.map((one) => (one.kind === 'soon' ? one.minutes : one))

describe('the warning that is due', () => {
  it.each([
    [11 * minute, null],
    [10 * minute + 1, null],
    [10 * minute, 10],
    [5 * minute + 1, 10],
    [5 * minute, 5],
    [minute, 1],
    [1, 1],
    [0, null],
    [-minute, null],
  ])('%i ms before the end is %s', (left, minutes) => {
    expect(warningAt(left)).toBe(minutes)
  })
})

describe('somebody whose time runs out', () => {
  it('is warned at 10, 5 and 1 minutes, each once', () => {
    const page = new Page()
    const told: unknown[] = []
    for (let left = 12 * minute; left > 0; left -= 1000) {
      told.push(...minutesOf(page.look(end - left)))
    }
    expect(told).toEqual([10, 5, 1])
  })

  it('is told only the nearest when they come late', () => {
    const page = new Page()
    expect(minutesOf(page.look(end - 4 * minute))).toEqual([5])
    expect(page.look(end - 4 * minute + 1000)).toEqual([])
  })

  it('is not warned again after a reload', () => {
    const page = new Page()
    page.look(end - 9 * minute)
    const again = page.reload()
    expect(again.look(end - 8 * minute)).toEqual([])
    expect(minutesOf(again.look(end - 5 * minute))).toEqual([5])
  })

  it('is warned anew before the new end of a lease that was extended', () => {
    const page = new Page()
    page.look(end - minute)
    const longer = lease({ endsAt: new Date(end + 30 * minute).toISOString() })
    expect(page.look(end - minute, longer)).toEqual([])
    expect(minutesOf(page.look(end + 20 * minute, longer))).toEqual([10])
  })

  it('is nobody who does not control the board', () => {
    const page = new Page()
    expect(page.look(end - minute, lease({ holder: 'bob' }))).toEqual([])
    expect(minutesOf(page.look(end - minute, lease({ holder: 'bob', members: ['ada'] })))).toEqual([
      1,
    ])
  })
})

describe('the end', () => {
  it('is told once, with the reason of whoever revoked it', () => {
    const page = new Page()
    page.look(end - 20 * minute)
    const ending = lease({ state: 'ending', endReason: 'revoked', endDetail: 'smoke' })
    expect(page.look(end - 19 * minute, ending)).toEqual([
      { kind: 'ended', lease: 'lease1', board: 'sim0', why: 'revoked', detail: 'smoke' },
    ])
    expect(page.look(end - 19 * minute, ending)).toEqual([])
    expect(page.look(end - 18 * minute, null)).toEqual([])
  })

  it('is told also to whoever did not see it happen', () => {
    const page = new Page()
    page.look(end - 20 * minute)
    expect(page.reload().look(end + minute, null)).toMatchObject([{ why: 'expired' }])
    expect(page.reload().look(end - 10 * minute, null)).toMatchObject([{ why: 'gone' }])
  })

  it('is no news for the holder who gave the board back, but for its members', () => {
    const released = { state: 'ending', endReason: 'released' } as const
    const own = new Page()
    own.look(end - 20 * minute)
    expect(own.look(end - 19 * minute, lease(released))).toEqual([])

    const shared = { holder: 'bob', members: ['ada'] }
    const member = new Page()
    member.look(end - 20 * minute, lease(shared))
    expect(member.look(end - 19 * minute, lease({ ...shared, ...released }))).toMatchObject([
      { why: 'released' },
    ])
  })
})

describe('a keeper who steps in', () => {
  it('is named with the reason, once', () => {
    const page = new Page()
    page.look(end - 20 * minute)
    const overridden = lease({ members: ['kim'], memberDetails: [keeper] })
    expect(page.look(end - 19 * minute, overridden)).toEqual([
      { kind: 'override', lease: 'lease1', board: 'sim0', keeper: 'Kim', reason: 'it smokes' },
    ])
    expect(page.look(end - 18 * minute, overridden)).toEqual([])
    expect(page.reload().look(end - 18 * minute, overridden)).toEqual([])
  })

  it('is not told of themselves, nor are members news', () => {
    const page = new Page()
    const one = lease({
      holder: 'bob',
      members: ['ada', 'cy'],
      memberDetails: [
        { ...keeper, id: 'ada' },
        { id: 'cy', login: 'cy', name: 'Cy', override: null },
      ],
    })
    expect(page.look(end - 20 * minute, one)).toEqual([])
  })
})

describe('the words', () => {
  it('say the minutes that are left', () => {
    const soon = {
      kind: 'soon',
      lease: 'l',
      board: 'sim0',
      minutes: 5,
      endsAt: lease().endsAt,
    } as const
    expect(newsWords(soon, end - 3 * minute).title).toBe('sim0 ends in 3 minutes')
    expect(newsWords(soon, end - 1000).title).toBe('sim0 ends in 1 minute')
  })

  it('carry the reason that was given', () => {
    const ended = {
      kind: 'ended',
      lease: 'l',
      board: 'sim0',
      why: 'revoked',
      detail: 'smoke',
    } as const
    expect(newsWords(ended, end).text).toContain('smoke')
  })
})
