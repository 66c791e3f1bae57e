// Counts what vitest's JSON report says, and what it leaves out.

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
