// Runs vitest and counts what it reports.

import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './child-process.mjs'
import { countTests, listFailures } from './test-report.mjs'

const report = 'dist/test-report.json'

/** Resolves with the tests passed, failed and skipped, and with what failed by name. */
export async function runVitest(root, parameters, environment = {}) {
  rmSync(join(root, report), { force: true })
  const exitCode = await run(
    [
      'node',
      'node_modules/vitest/vitest.mjs',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...parameters,
    ],
    { root, environment },
  )
  const result = readReport(root)
  const counts = countTests(result, exitCode)
  const failures = counts.failed === 0 ? [] : listFailures(result)
  return { ...counts, failures: failures.map((text) => text.replaceAll(`${root}/`, '')) }
}

function readReport(root) {
  try {
    return JSON.parse(readFileSync(join(root, report), 'utf8'))
  } catch {
    return undefined
  }
}
