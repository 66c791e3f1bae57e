import { expect, test } from 'vitest'
import { countTests } from '../../scripts/test-report.mjs'

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((status) => ({ status })),
})
const report = (over: object) => ({
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
  ...over,
})

test('tests are counted as the report says', () => {
  const some = report({ numPassedTests: 3, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 })
  expect(countTests(some, 1)).toEqual({ passed: 3, failed: 1, skipped: 3 })
})

test('a file that did not load counts as one failure', () => {
  const broken = report({ testResults: [file('failed'), file('passed', 'passed')] })
  expect(countTests(broken, 1).failed).toBe(1)
})

test('a file whose hook failed counts as one failure, one with failed tests only as these', () => {
  const broken = report({
    numFailedTests: 1,
    testResults: [file('failed', 'passed'), file('failed', 'failed', 'passed')],
  })
  expect(countTests(broken, 1).failed).toBe(2)
})

test('a missing report is a failure', () => {
  expect(countTests(undefined, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 })
})

test('a non-zero exit that no test explains is a failure', () => {
  expect(countTests(report({ numPassedTests: 5 }), 1)).toEqual({ passed: 5, failed: 1, skipped: 0 })
})
