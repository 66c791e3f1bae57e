// Counts tests: what vitest's JSON report says, what it leaves out, and the total of it all.

/**
 * Tests passed, failed and skipped. A file that failed without a failed test (it did not load, or a hook threw) counts as one
 * failure; so does a run without a report, and a non-zero exit that nothing in the report explains (an unhandled rejection).
 */
export function countTests(report, exitCode) {
  if (!report) return { passed: 0, failed: 1, skipped: 0 }
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  ).length
  const failed = report.numFailedTests + brokenFiles
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

/** What each test, and each file, that failed has to say: a property's counterexample and how to play it again take some lines. */
export function listFailures(report) {
  if (!report) return ['vitest left no report']
  return report.testResults
    .filter(({ status }) => status === 'failed')
    .flatMap(({ name, message, assertionResults }) => {
      const failed = assertionResults.filter((test) => test.status === 'failed')
      if (failed.length === 0) return [`${name}: ${beginning(message)}`]
      return failed.map(
        (test) => `${name}: ${test.fullName}: ${beginning(test.failureMessages[0])}`,
      )
    })
}

const shownLines = 25

const beginning = (text) => (text ?? '').trim().split('\n', shownLines).join('\n    ')

/** The sum, what one leaves out is 0; and what has failed by name. */
export function addCounts(...counts) {
  const sum = (kind) => counts.reduce((total, one) => total + (one[kind] ?? 0), 0)
  return {
    passed: sum('passed'),
    failed: sum('failed'),
    skipped: sum('skipped'),
    failures: counts.flatMap(({ failures }) => failures ?? []),
  }
}

/**
 * Runs `test`, which hands its counts to the function it is given, and ends the process with the total as the last line, after
 * what failed by name: the end is what is left of a long log. What `test` throws is a failure, and so is a run in which nothing
 * passed.
 */
export async function endWithTotal(test) {
  const counts = []
  try {
    await test((one) => counts.push(one))
  } catch (error) {
    console.error(error)
    counts.push({ failed: 1 })
  }
  const { passed, failed, skipped, failures } = addCounts(...counts)
  for (const failure of failures) console.log(`failed: ${failure}`)
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
  process.exit(failed === 0 && passed > 0 ? 0 : 1)
}
