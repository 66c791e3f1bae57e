// The figures of the lab's use as lines of a chart and sums of a table. Pure.

import type { Usage } from '../../../../../server/contract/usage.ts'
import { formatBytes, formatCount } from '../../../../shared/format.ts'
import { addDays } from '../../../../shared/zoned-time.ts'

export type Measure = 'lockedSeconds' | 'leaseSeconds' | 'sessions' | 'byteLength'

const hours = (seconds: number) => `${formatCount(Number((seconds / 3600).toFixed(2)))} h`

export const measures = [
  { name: 'lockedSeconds', words: 'Memory locked', unit: 'h', per: 3600, format: hours },
  { name: 'leaseSeconds', words: 'Boards leased', unit: 'h', per: 3600, format: hours },
  { name: 'sessions', words: 'DMA sessions', unit: '', per: 1, format: formatCount },
  { name: 'byteLength', words: 'Bytes moved', unit: 'MiB', per: 1024 * 1024, format: formatBytes },
] as const satisfies readonly {
  name: Measure
  words: string
  unit: string
  per: number
  format: (value: number) => string
}[]

/** As many lines as can be told apart; the rest is one more. */
const mostLines = 4

export interface Series {
  /** Every day from the first to the last, also those without use. */
  days: string[]
  /** In the measure's unit, one value for each day. */
  lines: { name: string; values: number[] }[]
}

export function seriesOf({ from, to, keys, items }: Usage, measure: Measure): Series {
  const days: string[] = []
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day)
  const at = new Map(days.map((day, n) => [day, n]))
  const { per } = measures.find(({ name }) => name === measure) ?? measures[0]
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
  if (rest === 0) return { days, lines }
  const others = line('others', (key) => !own.some((one) => one.key === key))
  return { days, lines: [...lines, others] }
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
