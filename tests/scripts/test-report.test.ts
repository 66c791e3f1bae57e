import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { addCounts, countTests, listFailures } from '../../scripts/test-report.mjs'

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

test('the total adds what there is, and takes what is left out for none', () => {
  const counts = [
    { passed: 2, failed: 1, skipped: 3, failures: ['a'] },
    { passed: 1 },
    { failed: 4, failures: ['b', 'c'] },
  ]
  expect(addCounts(...counts)).toEqual({
    passed: 3,
    failed: 5,
    skipped: 3,
    failures: ['a', 'b', 'c'],
  })
})

test('what failed is listed with its file, its name and the first lines of why', () => {
  const failed = {
    status: 'failed',
    fullName: 'a sum',
    failureMessages: [`1 is not 2\n${'  at sum.ts\n'.repeat(40)}`],
  }
  const passed = { status: 'passed', fullName: 'a product', failureMessages: [] }
  const listed = listFailures({
    testResults: [
      { name: 'sum.test.ts', status: 'failed', message: '', assertionResults: [failed, passed] },
      {
        name: 'hook.test.ts',
        status: 'failed',
        message: 'no port\nat hook.ts',
        assertionResults: [passed],
      },
      { name: 'fine.test.ts', status: 'passed', message: '', assertionResults: [passed] },
    ],
  })
  expect(listed).toEqual([
    `sum.test.ts: a sum: 1 is not 2${'\n      at sum.ts'.repeat(24)}`,
    'hook.test.ts: no port\n    at hook.ts',
  ])
})

test.each([
  [
    'a failure',
    'add({ passed: 3 }); add({ failed: 1, skipped: 2 })',
    '3 passed, 1 failed, 2 skipped',
    1,
  ],
  ['nothing but success', 'add({ passed: 3, skipped: 2 })', '3 passed, 0 failed, 2 skipped', 0],
  ['nothing at all', '', '0 passed, 0 failed, 0 skipped', 1],
  ['an error', 'add({ passed: 3 }); throw new Error()', '3 passed, 1 failed, 0 skipped', 1],
])('the last line is the total, and the exit code tells %s', (_, counts, line, exitCode) => {
  const module = new URL('../../scripts/test-report.mjs', import.meta.url).href
  const script = `import { endWithTotal } from '${module}'; endWithTotal(async (add) => { ${counts} })`
  const ended = spawnSync(process.execPath, ['--input-type=module', '-e', script])
  expect(ended.stdout.toString().trimEnd().split('\n').at(-1)).toBe(line)
  expect(ended.status).toBe(exitCode)
})

test('what failed is named before the total', () => {
  const module = new URL('../../scripts/test-report.mjs', import.meta.url).href
  const add = "add({ failed: 2, failures: ['types', 'sum.test.ts: a sum'] })"
  const script = `import { endWithTotal } from '${module}'; endWithTotal(async (add) => { ${add} })`
  const ended = spawnSync(process.execPath, ['--input-type=module', '-e', script])
  expect(ended.stdout.toString().trimEnd().split('\n')).toEqual([
    'failed: types',
    'failed: sum.test.ts: a sum',
    '0 passed, 2 failed, 0 skipped',
  ])
})
