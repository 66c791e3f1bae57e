// The figures of the lab's use as lines of a chart and sums of a table. Pure.

import type { Usage } from '../../../../../server/contract/usage.ts'
import { formatBytes, formatCount, formatDuration } from '../../../../shared/format.ts'
import { addDays } from '../../../../shared/zoned-time.ts'

export type Measure = 'lockedSeconds' | 'leaseSeconds' | 'sessions' | 'byteLength'

const duration = (seconds: number) => (seconds === 0 ? '–' : formatDuration(seconds * 1000))
const time = [
  { unit: 'h', per: 3600 },
  { unit: 'min', per: 60 },
  { unit: 's', per: 1 },
]
const memory = [
  { unit: 'GiB', per: 1024 ** 3 },
  { unit: 'MiB', per: 1024 ** 2 },
  { unit: 'KiB', per: 1024 },
]

export const measures: readonly {
  name: Measure
  words: string
  /** The chart takes the first of which there are two. */
  units: { unit: string; per: number }[]
  format: (value: number) => string
}[] = [
  { name: 'lockedSeconds', words: 'Memory locked', units: time, format: duration },
  { name: 'leaseSeconds', words: 'Boards leased', units: time, format: duration },
  { name: 'sessions', words: 'DMA sessions', units: [{ unit: '', per: 1 }], format: formatCount },
  { name: 'byteLength', words: 'Bytes moved', units: memory, format: formatBytes },
]

/** As many lines as can be told apart; the rest is one more. */
const mostLines = 4

export interface Series {
  /** Every day from the first to the last, also those without use. */
  days: string[]
  unit: string
  /** In this unit, one value for each day. */
  lines: { name: string; values: number[] }[]
}

export function seriesOf({ from, to, keys, items }: Usage, measure: Measure): Series {
  const days: string[] = []
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day)
  const at = new Map(days.map((day, n) => [day, n]))
  const units = measures.find(({ name }) => name === measure)?.units ?? []
  const most = Math.max(0, ...items.map((item) => item[measure]))
  const { unit = '', per = 1 } = units.find((one) => most >= 2 * one.per) ?? units.at(-1) ?? {}
  const total = (key: string | null) =>
    items.reduce((sum, item) => (item.key === key ? sum + item[measure] : sum), 0)
  const order = keys
    .filter(({ key }) => key !== null)
    .map(({ key, name }) => ({ key, name, total: total(key) }))
    .sort((a, b) => b.total - a.total)
  const own = order.slice(0, mostLines)
  const line = (name: string, isIn: (key: string | null) => boolean) => {
    const values = days.map(() => 0)
    for (const item of items) {
      const n = at.get(item.day)
      if (n !== undefined && isIn(item.key)) values[n] = (values[n] ?? 0) + item[measure] / per
    }
    return { name, values }
  }
  const lines = own.map(({ key, name }) => line(name, (one) => one === key))
  const rest = keys.length - own.length
  if (rest === 0) return { days, unit, lines }
  const others = line('others', (key) => !own.some((one) => one.key === key))
  return { days, unit, lines: [...lines, others] }
}

export interface Total {
  key: string | null
  name: string
  sums: Record<Measure, number>
}

export function totalsOf({ keys, items }: Usage): Total[] {
  return keys.map(({ key, name }) => {
    const sums = { lockedSeconds: 0, leaseSeconds: 0, sessions: 0, byteLength: 0 }
    for (const item of items) {
      if (item.key !== key) continue
      for (const measure of measures) sums[measure.name] += item[measure.name]
    }
    return { key, name, sums }
  })
}
