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

/** The sum; what one leaves out is 0. */
export function addCounts(...counts) {
  const total = { passed: 0, failed: 0, skipped: 0 }
  for (const one of counts) {
    for (const kind of Object.keys(total)) total[kind] += one[kind] ?? 0
  }
  return total
}

/**
 * Runs `test`, which hands its counts to the function it is given, and ends the process with the total as the last line. What it
 * throws is a failure, and so is a run in which nothing passed.
 */
export async function endWithTotal(test) {
  const counts = []
  try {
    await test((one) => counts.push(one))
  } catch (error) {
    console.error(error)
    counts.push({ failed: 1 })
  }
  const { passed, failed, skipped } = addCounts(...counts)
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
  process.exit(failed === 0 && passed > 0 ? 0 : 1)
}
