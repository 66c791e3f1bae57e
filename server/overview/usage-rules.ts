// Days of the lab's own timezone, and what falls on which. Pure; times are ms since the epoch.

import { DateTime } from 'luxon'
import type { Usage, UsageEntry } from '../contract/usage.ts'
import { PinlabError } from '../errors.ts'

export interface Day {
  day: string
  start: number
  end: number
}

const mostDays = 366
const mostKeys = 50

/** From the first to the last day, both with. Refuses more than a year, and an end before its beginning. */
export function daysOf({ from, to, zone }: { from: string; to: string; zone: string }): Day[] {
  const first = DateTime.fromISO(from, { zone }).startOf('day')
  const count =
    Math.round(DateTime.fromISO(to, { zone }).startOf('day').diff(first, 'days').days) + 1
  if (!(count >= 1 && count <= mostDays)) {
    throw new PinlabError(
      'PINLAB_REQUEST_INVALID',
      `Ask for 1 to ${mostDays} days: ${from} to ${to} is ${count >= 1 ? count : 'none'}.`,
    )
  }
  return Array.from({ length: count }, (_, n) => {
    const start = first.plus({ days: n })
    const day = start.toISODate() ?? ''
    return { day, start: start.toMillis(), end: start.plus({ days: 1 }).startOf('day').toMillis() }
  })
}

type Figures = Omit<UsageEntry, 'day' | 'key'>
const figures = ['sessions', 'lockedSeconds', 'byteLength', 'leaseSeconds'] as const

/** Adds up, day by day and key by key. */
export class UsageSums {
  readonly #sums = new Map<string, Map<string, Figures>>()

  constructor(private readonly days: readonly Day[]) {}

  keys(): string[] {
    return [...this.#sums.keys()]
  }

  add(key: string, day: Day | undefined, figure: keyof Figures, amount: number): void {
    if (!day) return
    const ofKey = this.#sums.get(key) ?? new Map<string, Figures>()
    this.#sums.set(key, ofKey)
    const sum = ofKey.get(day.day) ?? {
      sessions: 0,
      lockedSeconds: 0,
      byteLength: 0,
      leaseSeconds: 0,
    }
    ofKey.set(day.day, sum)
    sum[figure] += amount
  }

  /** At the day on which it was. */
  addAt(key: string, at: number, figure: keyof Figures, amount: number): void {
    this.add(key, this.days[this.#indexAt(at)], figure, amount)
  }

  /** Each day gets its share, in seconds. */
  addSpan(
    key: string,
    { start, end }: { start: number; end: number },
    figure: keyof Figures,
  ): void {
    for (let n = Math.max(0, this.#indexAt(start)); n < this.days.length; n++) {
      const day = this.days[n] as Day
      if (day.start >= end) return
      const shared = Math.min(end, day.end) - Math.max(start, day.start)
      if (shared > 0) this.add(key, day, figure, shared / 1000)
    }
  }

  /** The most used first; what is behind the fiftieth is added up under null. */
  result(nameOf: (key: string) => string): Pick<Usage, 'keys' | 'items'> {
    const total = (key: string) => {
      const days = [...(this.#sums.get(key)?.values() ?? [])]
      return days.reduce(
        (sum, { lockedSeconds, leaseSeconds }) => sum + lockedSeconds + leaseSeconds,
        0,
      )
    }
    const order = [...this.#sums.keys()]
      .map((key) => ({ key, total: total(key) }))
      .sort((a, b) => b.total - a.total || (a.key < b.key ? -1 : 1))
      .map(({ key }) => key)
    const shown = order.slice(0, mostKeys)
    const others = order.slice(mostKeys)
    const keys = shown.map((key) => ({ key, name: nameOf(key) }))
    const items = this.days.flatMap(({ day }) => [
      ...shown.flatMap((key) => {
        const sum = this.#sums.get(key)?.get(day)
        return sum ? [{ day, key, ...sum }] : []
      }),
      ...this.#together(others, day),
    ])
    return {
      keys: others.length === 0 ? keys : [...keys, { key: null, name: `${others.length} others` }],
      items,
    }
  }

  #together(keys: string[], day: string): UsageEntry[] {
    const sums = keys.flatMap((key) => this.#sums.get(key)?.get(day) ?? [])
    if (sums.length === 0) return []
    const sum = { sessions: 0, lockedSeconds: 0, byteLength: 0, leaseSeconds: 0 }
    for (const one of sums) for (const figure of figures) sum[figure] += one[figure]
    return [{ day, key: null, ...sum }]
  }

  /** -1 before the first day. Days are nearly equally long: the guess is off by one at most. */
  #indexAt(at: number): number {
    const [first] = this.days
    if (!first || at < first.start) return -1
    let index = Math.min(this.days.length - 1, Math.floor((at - first.start) / 86_400_000))
    while (index > 0 && at < (this.days[index] as Day).start) index -= 1
    while (index < this.days.length && at >= (this.days[index] as Day).end) index += 1
    return index
  }
}
