// The native layer under the sanitizers: its suites in Node.js, and programs of many threads without it.

import { build } from './build.mjs'
import { sanitized } from './build-steps.mjs'
import { runNamed } from './named-run.mjs'
import { runVitest } from './run-vitest.mjs'
import {
  clearReports,
  countReports,
  judgeReports,
  readReports,
  sanitizedNodeEnvironment,
  sanitizerEnvironment,
} from './sanitizers.mjs'
import { addCounts } from './test-report.mjs'

/** Everything takes longer, so that properties are tried on fewer examples. */
const shareOfRuns = 0.1
const testTimeoutMs = 120_000

/** These move no byte by the sanitized addon on this machine. */
const suitesThatSayNothing = ['tests/contract/vfio.test.ts', 'tests/native/drivers-table.test.ts']

const busyCard = (sanitizer, title) => ({
  name: `many threads on simulated boards, ${title}`,
  command: [`dist/threads/${sanitizer}/busy_card`],
})

/** A mistake on purpose that must be reported: without it, a sanitizer that finds nothing could just as well be off. */
const planted = (sanitizer, mistake, expected) => ({
  name: `a planted mistake is reported: ${mistake}`,
  command: [`dist/threads/${sanitizer}/planted`, mistake],
  expected,
})

const load = `process.dlopen({ exports: {} }, 'dist/threads/address/planted_in_node.so')`

const programs = (root) => [
  planted('address', 'overrun', /AddressSanitizer: heap-buffer-overflow/),
  planted('address', 'use-after-unlock', /AddressSanitizer: heap-use-after-free/),
  planted('address', 'signed-overflow', /runtime error: signed integer overflow/),
  planted('address', 'leak', /LeakSanitizer: detected memory leaks/),
  planted('thread', 'data-race', /ThreadSanitizer: data race/),
  {
    name: 'a planted mistake is reported: overrun in Node.js',
    command: ['node', '-e', load],
    environment: sanitizedNodeEnvironment(root),
    expected: /AddressSanitizer: heap-buffer-overflow/,
  },
  busyCard('address', 'AddressSanitizer'),
  busyCard('thread', 'ThreadSanitizer'),
]

/** Resolves with the counts. Filters go to vitest and leave out the programs. */
export async function runSanitized(root, filters = []) {
  if ((await build(sanitized)) === undefined) return addCounts({ failed: 1 })
  const counts = []
  if (filters.length === 0) {
    for (const program of programs(root)) counts.push(await runProgram(root, program))
  }
  return addCounts(...counts, await runSuites(root, filters))
}

async function runProgram(root, { name, command, environment, expected }) {
  clearReports(root)
  const passed = await runNamed(root, {
    name,
    command,
    environment: environment ?? sanitizerEnvironment(root),
    judge: (exitCode, output) =>
      judgeReports({ exitCode, output, reports: readReports(root), expected }),
  })
  return passed ? { passed: 1 } : { failed: 1, failures: [name] }
}

async function runSuites(root, filters) {
  clearReports(root)
  const counts = await runVitest(
    root,
    [
      '--project=native',
      ...suitesThatSayNothing.map((path) => `--exclude=${path}`),
      `--testTimeout=${testTimeoutMs}`,
      ...filters,
    ],
    { ...sanitizedNodeEnvironment(root), PINLAB_RUNS: String(shareOfRuns) },
  )
  return addCounts(counts, countReports(root))
}
