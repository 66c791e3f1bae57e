// The whole of `npm test`. Its last line is always `N passed, N failed, N skipped`, over the checks and vitest's tests.

import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build, root } from './build.mjs'
import { runChecks } from './checks.mjs'
import { endChildrenOnSignal, run } from './child-process.mjs'
import { countTests } from './test-report.mjs'

const report = 'dist/test-report.json'
const filters = process.argv.slice(2)
const total = { passed: 0, failed: 0, skipped: 0 }

function add({ passed = 0, failed = 0, skipped = 0 }) {
  total.passed += passed
  total.failed += failed
  total.skipped += skipped
}

async function runVitest() {
  rmSync(join(root, report), { force: true })
  const exitCode = await run(
    [
      'node',
      'node_modules/vitest/vitest.mjs',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...filters,
    ],
    { root },
  )
  return countTests(readReport(), exitCode)
}

function readReport() {
  try {
    return JSON.parse(readFileSync(join(root, report), 'utf8'))
  } catch {
    return undefined
  }
}

async function testAll() {
  // A failed build is a failed test, and testing what an older build left behind would mislead.
  if ((await build()) === undefined) return add({ failed: 1 })
  endChildrenOnSignal()
  if (filters.length === 0) add(await runChecks(root))
  add(await runVitest())
}

try {
  await testAll()
} catch (error) {
  console.error(error)
  add({ failed: 1 })
}
const succeeded = total.failed === 0 && total.passed > 0
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exit(succeeded ? 0 : 1)
