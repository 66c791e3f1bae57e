// How much boards are used, by day: counted from the sessions, transfers and leases when somebody asks.

import type { Policies } from '../bookings/policies.ts'
import type { Clock } from '../clock.ts'
import type { Usage, UsageQuery } from '../contract/usage.ts'
import type { People } from '../identity/people.ts'
import { type Actor, mayDo } from '../identity/permissions.ts'
import type { Database } from '../plugins/database/database.ts'
import { daysOf, UsageSums } from './usage-rules.ts'
import { readMoved, readUsedLeases, readUsedLocks } from './usage-store.ts'

export interface UsageParts {
  database: Database
  clock: Clock
  policies: Policies
  people: People
}

export class UsageReports {
  constructor(private readonly parts: UsageParts) {}

  /** Of all people, or one's own. Throws PINLAB_REQUEST_INVALID for more than a year. */
  async report({ from, to, by }: UsageQuery, actor: Actor): Promise<Usage> {
    const { clock, database, people, policies } = this.parts
    const { timezone } = await policies.read()
    const days = daysOf({ from, to, zone: timezone })
    const span = { from: new Date(days[0]?.start ?? 0), to: new Date(days.at(-1)?.end ?? 0) }
    const person = mayDo(actor, 'session.read-all') ? undefined : actor.id
    const sums = new UsageSums(days)
    const now = clock.now()
    for await (const lock of readUsedLocks(database.reader, span, person)) {
      const key = by === 'board' ? lock.board : lock.owner
      sums.addAt(key, lock.requestedAt.getTime(), 'sessions', 1)
      if (!lock.lockedAt) continue
      const end = lock.endedAt?.getTime() ?? now
      sums.addSpan(key, { start: lock.lockedAt.getTime(), end }, 'lockedSeconds')
    }
    for await (const lease of readUsedLeases(database.reader, span, person)) {
      const key = by === 'board' ? lease.board : lease.holder
      const end = lease.endedAt?.getTime() ?? now
      sums.addSpan(key, { start: lease.startedAt.getTime(), end }, 'leaseSeconds')
    }
    for (const day of days) {
      const within = { from: new Date(day.start), to: new Date(day.end) }
      for (const { board, owner, byteLength } of await readMoved(database.reader, within, person)) {
        sums.add(by === 'board' ? board : owner, day, 'byteLength', byteLength)
      }
    }
    const names = by === 'person' ? await people.namesOf(sums.keys()) : new Map<string, string>()
    return { timezone, from, to, by, ...sums.result((key) => names.get(key) ?? key) }
  }
}
