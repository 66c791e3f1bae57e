// Use by day: the days of the lab's own timezone, and what is counted on which.

import { describe, expect, it } from 'vitest'
import type { Usage } from '../../../server/contract/usage.ts'
import { daysOf, UsageSums } from '../../../server/overview/usage-rules.ts'
import { addTestPerson } from '../../support/people.ts'
import { openLab } from '../../support/test-lab.ts'

const hour = 3_600_000

describe('days', () => {
  it('are those of the timezone, also when the clocks change', () => {
    const days = daysOf({ from: '2027-03-27', to: '2027-03-29', zone: 'Europe/Berlin' })
    expect(days.map(({ start, end }) => (end - start) / hour)).toEqual([24, 23, 24])
    expect(days[0]?.start).toBe(Date.parse('2027-03-26T23:00:00Z'))
  })

  it('are at most 366, at least one', () => {
    expect(daysOf({ from: '2027-01-01', to: '2028-01-01', zone: 'UTC' })).toHaveLength(366)
    for (const [from, to] of [
      ['2027-01-01', '2028-01-02'],
      ['2027-01-02', '2027-01-01'],
    ] as const) {
      expect(() => daysOf({ from, to, zone: 'UTC' })).toThrow(
        expect.objectContaining({ code: 'PINLAB_REQUEST_INVALID' }),
      )
    }
  })

  it('share what goes over midnight, and take nothing from before and after', () => {
    const days = daysOf({ from: '2027-03-27', to: '2027-03-28', zone: 'Europe/Berlin' })
    const sums = new UsageSums(days)
    const start = Date.parse('2027-03-27T22:30:00Z')
    sums.addSpan('sim0', { start, end: start + 2 * hour }, 'lockedSeconds')
    sums.addSpan('sim0', { start: 0, end: 4e12 }, 'leaseSeconds')
    sums.addAt('sim0', Date.parse('2027-03-28T21:59:59Z'), 'sessions', 1)
    sums.addAt('sim0', Date.parse('2027-03-28T22:00:00Z'), 'sessions', 1)
    sums.addAt('sim0', 0, 'sessions', 1)
    expect(sums.result((key) => key).items).toEqual([
      expect.objectContaining({ day: '2027-03-27', lockedSeconds: 1800, leaseSeconds: 24 * 3600 }),
      expect.objectContaining({
        ...{ day: '2027-03-28', lockedSeconds: 5400, leaseSeconds: 23 * 3600, sessions: 1 },
      }),
    ])
  })

  it('name the fifty that were used the most, and add up the others', () => {
    const days = daysOf({ from: '2027-01-01', to: '2027-01-01', zone: 'UTC' })
    const sums = new UsageSums(days)
    for (let n = 1; n <= 53; n++) sums.add(`b${n}`, days[0], 'lockedSeconds', n)
    const { keys, items } = sums.result((key) => key)
    expect(keys).toHaveLength(51)
    expect(keys[0]?.key).toBe('b53')
    expect(keys.at(-1)).toEqual({ key: null, name: '3 others' })
    expect(items.at(-1)).toMatchObject({ key: null, lockedSeconds: 6 })
  })
})

describe('GET /audit/usage', () => {
  it('counts sessions, locked time, bytes and leases, of all or of oneself', async () => {
    const lab = await openLab()
    const operator = await addTestPerson(lab.database, 'operator')
    const other = await addTestPerson(lab.database, 'operator')
    const auditor = await addTestPerson(lab.database, 'auditor')
    const own = lab.as(operator)
    await own.take()
    const session = await own.lock({ byteLength: 65536 })
    await own.start(session.id, { byteLength: 4096 })
    await own.get(`/dma-sessions/${session.id}/transfers/1?waitSeconds=10`)
    await lab.clock.advance(2000)
    await own.post(`/dma-sessions/${session.id}/unlock`)
    const day = new Date(lab.clock.now()).toISOString().slice(0, 10)
    const usage = async (who: typeof operator, by: string) =>
      (await lab.as(who).get<Usage>(`/audit/usage?from=${day}&to=${day}&by=${by}`)).body
    const figures = { day, sessions: 1, lockedSeconds: 2, byteLength: 4096, leaseSeconds: 2 }
    expect(await usage(auditor, 'board')).toMatchObject({
      timezone: 'UTC',
      keys: [{ key: 'sim0', name: 'sim0' }],
      items: [{ key: 'sim0', ...figures }],
    })
    expect(await usage(auditor, 'person')).toMatchObject({
      keys: [{ key: operator.id, name: operator.name }],
      items: [{ key: operator.id, ...figures }],
    })
    expect((await usage(operator, 'board')).items).toEqual([{ key: 'sim0', ...figures }])
    expect((await usage(other, 'person')).items).toEqual([])
    const long = await lab.get('/audit/usage?from=2025-01-01&to=2027-01-01')
    expect([long.status, long.body.code]).toEqual([400, 'PINLAB_REQUEST_INVALID'])
    expect((await lab.get('/audit/usage?from=1&to=2')).status).toBe(400)
  })
})
