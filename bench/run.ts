// `npm run bench [-- PART …]`: runs the benchmarks whose name contains a PART, and prints them against their floors.

import { auditLog } from './audit-log.ts'
import type { BenchRow } from './bench-row.ts'
import { browser } from './browser.ts'
import { liveFanout, liveStalledViewer } from './live-fanout.ts'
import { lockAndUnlock } from './lock.ts'
import { lockDelay } from './lock-delay.ts'
import { requests } from './requests.ts'
import { smallTransfers } from './small-transfers.ts'
import { simulatedTransfer } from './transfer.ts'
import { warmStart } from './warm-start.ts'
import { waveProjection } from './wave.ts'

const scenarios: Record<string, () => Promise<BenchRow[]>> = {
  lock: lockAndUnlock,
  lockDelay,
  transfer: simulatedTransfer,
  transferSmall: smallTransfers,
  wave: waveProjection,
  live: liveFanout,
  stalled: liveStalledViewer,
  browser,
  requests,
  auditLog,
  start: warmStart,
}

const wanted = process.argv.slice(2)
const rows: BenchRow[] = []
for (const [name, measure] of Object.entries(scenarios)) {
  if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue
  process.stderr.write(`${name} …\n`)
  try {
    rows.push(...(await measure()))
  } catch (error) {
    process.stderr.write(`${name}: ${(error as Error).message}\n`)
    process.exitCode = 1
  }
}
printTable(rows)

function printTable(table: BenchRow[]): void {
  const cells = table.map(({ name, floor, measured, ratio, budget, unit }) => [
    name,
    floor === null ? '' : `${short(floor)} ${unit}`,
    `${short(measured)} ${unit}`,
    ratio === null ? '' : `${ratio.toFixed(2)} ×`,
    budgetText(budget, ratio, unit),
    budget === null ? '' : (ratio ?? measured) <= budget ? 'met' : 'missed',
  ])
  const head = ['what', 'floor', 'measured', 'ratio', 'budget', '']
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => (row[column] ?? '').length)),
  )
  for (const row of [head, ...cells]) {
    process.stdout.write(
      `${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')}\n`,
    )
  }
}

function budgetText(budget: number | null, ratio: number | null, unit: string): string {
  if (budget === null) return ''
  return ratio === null ? `≤ ${budget} ${unit}` : `≤ ${budget.toFixed(2)} ×`
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
