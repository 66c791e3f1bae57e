// How long the single transfers of a channel took, in bins of which each is twice as wide as the one before. Pure.

import type { Transfer } from '../../../../../server/contract/dma-session.ts'
import { formatDuration } from '../../../../shared/format.ts'

export interface Bin {
  /** Ms, up to but not `to`. */
  from: number
  to: number
  count: number
}

export interface Latency {
  count: number
  /** Ms. */
  median: number
  longest: number
  /** From the shortest to the longest; those between are there though they are empty. */
  bins: Bin[]
}

export function latencyOf(transfers: readonly Transfer[], channel: string): Latency {
  const durations = transfers
    .filter((one) => one.channel === channel && one.mode === 'once' && one.state === 'done')
    .map(({ startedAt, endedAt }) => Date.parse(endedAt ?? startedAt) - Date.parse(startedAt))
    .sort((a, b) => a - b)
  const longest = durations.at(-1) ?? 0
  const median = durations[Math.floor((durations.length - 1) / 2)] ?? 0
  return { count: durations.length, median, longest, bins: binsOf(durations) }
}

/** `durations` are in order. The record's times are whole milliseconds, so that the first bin is what took less than one. */
function binsOf(durations: readonly number[]): Bin[] {
  const numbers = durations.map(binNumber)
  const [first, last] = [numbers[0], numbers.at(-1)]
  if (first === undefined || last === undefined) return []
  return Array.from({ length: last - first + 1 }, (_, n) => ({
    from: first + n === 0 ? 0 : 2 ** (first + n - 1),
    to: 2 ** (first + n),
    count: numbers.filter((number) => number === first + n).length,
  }))
}

const binNumber = (ms: number) => (ms < 1 ? 0 : Math.floor(Math.log2(ms)) + 1)

/** "< 1 ms", "4 ms" for 4 to 8 */
export function binWords(bin: Bin | undefined): string {
  if (!bin) return ''
  return bin.from === 0 ? '< 1 ms' : formatDuration(bin.from)
}
