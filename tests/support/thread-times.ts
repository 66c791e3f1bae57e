// How long each thread of this process has computed.

import { readdirSync, readFileSync } from 'node:fs'

/** `utime` and `stime` of proc(5) are in ticks of 10 ms. */
const tickMs = 10

/** Processor time in ms by thread id, without the main thread. */
export function otherThreads(): Map<string, number> {
  const ids = readdirSync('/proc/self/task').filter((id) => Number(id) !== process.pid)
  return new Map(ids.map((id) => [id, processorMs(id)]))
}

/** What the busiest of them has computed since. */
export function busiestSince(before: Map<string, number>): number {
  return Math.max(0, ...[...otherThreads()].map(([id, ms]) => ms - (before.get(id) ?? 0)))
}

function processorMs(id: string): number {
  try {
    const stat = readFileSync(`/proc/self/task/${id}/stat`, 'utf8')
    // The name, in brackets, may have blanks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * tickMs
  } catch {
    // It has ended.
    return 0
  }
}
