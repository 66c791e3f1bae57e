// Searching the log: what each filter finds, who sees what, and that nothing has to look at every event.

import SqliteDatabase from 'better-sqlite3'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { record } from '../../../server/audit/audit.ts'
import { findEvents } from '../../../server/audit/audit-search-store.ts'
import type { AuditEventEntry } from '../../../server/contract/audit.ts'
import type { DmaSession, DmaSessionSummary } from '../../../server/contract/dma-session.ts'
import { addTestPerson, type TestPerson } from '../../support/people.ts'
import { openLab, sharedLab, type TestLab } from '../../support/test-lab.ts'

interface Found {
  items: AuditEventEntry[]
  next: string | null
}
const search = async (lab: TestLab, query: string) =>
  (await lab.get<Found>(`/audit/events?limit=200&${query}`)).body
const typesOf = ({ items }: Found) => items.map(({ type }) => type)

describe('a search of the log', () => {
  const lab = sharedLab()
  let operator: TestPerson
  let auditor: TestPerson
  let other: TestPerson
  let session: DmaSession
  let begun: string

  beforeAll(async () => {
    begun = new Date().toISOString()
    operator = await addTestPerson(lab().database, 'operator')
    auditor = await addTestPerson(lab().database, 'auditor')
    other = await addTestPerson(lab().database, 'operator')
    const own = lab().as(operator)
    const lease = await own.take()
    session = await own.lock({ byteLength: 65536, label: 'Run 7' })
    // A machine with much else to do refuses for a while.
    await vi.waitFor(async () => {
      expect((await own.start(session.id, { byteLength: 4096 })).n).toBe(1)
    }, 30_000)
    await own.get(`/dma-sessions/${session.id}/transfers/1?waitSeconds=10`)
    await own.post(`/leases/${lease.id}/release`)
    await vi.waitFor(async () => {
      const { state } = (await lab().get<DmaSession>(`/dma-sessions/${session.id}`)).body
      expect(state).toBe('ended')
    }, 20_000)
  }, 60_000)

  it('finds by person, board, type, the beginning of a type, and all of them', async () => {
    const auditing = lab().as(auditor)
    const mine = await search(auditing, `person=${operator.id}`)
    expect(typesOf(mine)).toEqual(
      expect.arrayContaining(['lease.started', 'dma.lock.requested', 'dma.transfer.requested']),
    )
    expect(new Set(mine.items.map(({ actor }) => actor))).toEqual(new Set([operator.id]))
    expect(mine.items[0]?.actorName).toBe(operator.name)
    const steps = await search(auditing, 'board=sim0&type=board.step')
    expect(new Set(typesOf(steps))).toEqual(new Set(['board.step']))
    const locks = await search(auditing, `board=sim0&person=${operator.id}&type=dma.lock.*`)
    expect(typesOf(locks)).toEqual(['dma.lock.granted', 'dma.lock.requested'])
    expect(typesOf(await search(auditing, 'type=dma.lock'))).toEqual([])
    expect(typesOf(await search(auditing, 'board=sim0&type=server.*'))).toEqual([])
  })

  it('finds by time, and nothing where nothing was', async () => {
    const auditing = lab().as(auditor)
    const since = await search(auditing, `from=${begun}&board=sim0`)
    expect(since.items.length).toBeGreaterThan(5)
    expect(since.items.every(({ at }) => at >= begun)).toBe(true)
    expect((await search(auditing, `to=${begun}&board=sim0&type=dma.*`)).items).toEqual([])
    expect((await search(auditing, 'from=2090-01-01T00:00:00Z')).items).toEqual([])
    expect((await search(auditing, `from=${begun}&to=2000-01-01T00:00:00Z`)).items).toEqual([])
  })

  it('goes on from a page, newest first', async () => {
    const auditing = lab().as(auditor)
    const all = await search(auditing, 'board=sim0')
    const seqs: number[] = []
    let cursor: string | null = null
    do {
      const page: Found = (
        await auditing.get<Found>(
          `/audit/events?board=sim0&limit=4${cursor ? `&cursor=${cursor}` : ''}`,
        )
      ).body
      seqs.push(...page.items.map(({ seq }) => seq))
      cursor = page.next
    } while (cursor)
    expect(seqs).toEqual(all.items.map(({ seq }) => seq))
    expect(seqs).toEqual([...seqs].sort((a, b) => b - a))
  })

  it('of a session gives its events with the steps of its board meanwhile, and no later ones', async () => {
    const found = await search(lab().as(auditor), `session=${session.id}`)
    const types = typesOf(found)
    expect(types.at(-1)).toBe('dma.lock.requested')
    expect(types).toEqual(
      expect.arrayContaining(['dma.lock.granted', 'dma.transfer.ended', 'board.step']),
    )
    expect(types[0]).toBe('dma.lock.ended')
    const steps = await search(lab().as(auditor), `session=${session.id}&type=board.step`)
    expect(steps.items.map(({ detail }) => detail.step)).toEqual([
      'unlocking',
      'resetting',
      'stopping',
    ])
    const ofOther = await search(lab().as(auditor), `session=${session.id}&person=${other.id}`)
    expect(ofOther.items).toEqual([])
  })

  it('shows everybody their own events, and all of a session of their own', async () => {
    const own = await search(lab().as(operator), '')
    expect(new Set(own.items.map(({ actor }) => actor))).toEqual(new Set([operator.id]))
    const whole = await search(lab().as(operator), `session=${session.id}`)
    expect(typesOf(whole)).toContain('dma.lock.ended')
    expect((await search(lab().as(other), `session=${session.id}`)).items).toEqual([])
    expect((await search(lab().as(other), `person=${operator.id}`)).items).toEqual([])
    const viewer = await addTestPerson(lab().database, 'viewer')
    expect((await search(lab().as(viewer), 'board=sim0')).items).toEqual([])
  })

  it('shows personal data to auditors and to whom it is about, device addresses to administrators', async () => {
    const partsFor = async (person: TestPerson) => {
      const query = `session=${session.id}&type=dma.lock.granted`
      const [granted] = (await search(lab().as(person), query)).items
      return Object.fromEntries((granted?.parts ?? []).map(({ kind, value }) => [kind, value]))
    }
    const personal = expect.objectContaining({ name: operator.name })
    expect(await partsFor(operator)).toEqual({ personal, addresses: null })
    expect(await partsFor(auditor)).toEqual({ personal, addresses: null })
    expect(await partsFor(lab().person)).toEqual({
      personal,
      addresses: expect.objectContaining({ pages: expect.anything() }),
    })
    const token = await addTestPerson(lab().database, 'admin', ['read'])
    expect((await search(lab().as(token), `session=${session.id}`)).items).toEqual([])
  })

  it('refuses what is no filter', async () => {
    for (const query of ['type=%25', 'from=yesterday', 'session=7', 'cursor=0', 'board=A*']) {
      const { status, body } = await lab().get(`/audit/events?${query}`)
      expect([status, body.code], query).toEqual([400, 'PINLAB_REQUEST_INVALID'])
    }
  })

  it('finds sessions by label in any case, end reason, owner and state', async () => {
    const list = async (query: string) =>
      (await lab().as(auditor).get<{ items: DmaSessionSummary[] }>(`/dma-sessions?${query}`)).body
        .items.length
    expect(await list('label=rUN')).toBe(1)
    expect(await list('label=%25')).toBe(0)
    expect(await list(`label=run&endReason=lease-ended&owner=${operator.id}&state=ended`)).toBe(1)
    expect(await list('endReason=board-fault')).toBe(0)
    expect(await list(`owner=${other.id}`)).toBe(0)
    const { status } = await lab().as(operator).get('/users/names')
    expect(status).toBe(403)
    const names = await lab().as(auditor).get<{ items: { id: string }[] }>('/users/names')
    expect(names.body.items.map(({ id }) => id)).toContain(operator.id)
  })
})

describe('the log’s order and the clock’s', () => {
  it('differ after a step, and a search by time still finds all', async () => {
    const lab = await openLab()
    const at = (day: number, n: number) => Date.UTC(2030, 0, day, 0, 0, n % 60)
    // Three segments by a clock that was a day ahead, then some that go on with the right time.
    for (const [day, count] of [
      [2, 700],
      [1, 300],
    ] as const) {
      await lab.database.write(async (tx) => {
        for (let n = 0; n < count; n++) {
          await record(tx, { type: 'board.fault', actor: 'system', board: 'sim9', at: at(day, n) })
        }
      })
    }
    const count = async (from: Date, to: Date) =>
      (await findEvents(lab.database.reader, { board: 'sim9', from, to, take: 2000 })).length
    expect(await count(new Date('2030-01-01'), new Date('2030-01-02'))).toBe(300)
    expect(await count(new Date('2030-01-02'), new Date('2030-01-03'))).toBe(700)
    expect(await count(new Date('2030-01-01'), new Date('2030-01-03'))).toBe(1000)
  })
})

describe('whatever is asked', () => {
  it('is answered by indexes alone, never by looking at all events', async () => {
    const lab = await openLab()
    const plans: string[] = []
    const [{ file }] = await lab.database.reader.$queryRaw<[{ file: string }]>`
      SELECT file FROM pragma_database_list WHERE name = 'main'`
    const planner = new SqliteDatabase(file, { readonly: true })
    const reader = new Proxy(lab.database.reader, {
      get(target, name) {
        if (name !== '$queryRaw') return Reflect.get(target, name)
        return (strings: TemplateStringsArray, ...values: never[]) => {
          const { sql, values: bound } = sqlOf(strings, values)
          const rows = planner.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...bound)
          plans.push(...(rows as { detail: string }[]).map(({ detail }) => detail))
          return target.$queryRaw(strings, ...values)
        }
      },
    })
    const asked = {
      actor: 'a',
      board: 'sim0',
      session: '01890a5d-ac96-774b-bcce-b302099a8057',
      type: 'dma.*',
      from: new Date(0),
      before: 1000,
    }
    const keys = Object.keys(asked) as (keyof typeof asked)[]
    for (let set = 0; set < 2 ** keys.length; set++) {
      const chosen = keys.filter((_, n) => set & (2 ** n))
      const filter = Object.fromEntries(chosen.map((key) => [key, asked[key]]))
      await findEvents(reader, { ...filter, take: 51 })
    }
    planner.close()
    const scans = plans.filter((detail) => /^SCAN (AuditEvent|found)/.test(detail))
    expect(plans.length).toBeGreaterThan(100)
    expect(scans).toEqual([])
  })
})

/** As the client would send it. */
function sqlOf(strings: TemplateStringsArray, values: unknown[]) {
  const texts: string[] = []
  const bound: unknown[] = []
  strings.forEach((text, n) => {
    texts.push(text)
    if (n >= values.length) return
    const value = values[n] as { sql?: string; values?: unknown[] } | string | number | Date
    if (typeof value === 'object' && 'sql' in value) {
      texts.push(value.sql ?? '')
      bound.push(...(value.values ?? []))
    } else {
      texts.push('?')
      bound.push(value)
    }
  })
  return {
    sql: texts.join(''),
    values: bound.map((value) => (value instanceof Date ? value.toISOString() : value)) as never[],
  }
}
