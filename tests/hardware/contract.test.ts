// The contract suite on a real device: it runs inside the guest, and each of its tests is reported as one here.

import { describe, expect, test } from 'vitest'
import { bootGuest } from './guest/guest.ts'
import { requireGuest } from './guest/prepare.ts'

const suites = ['tests/contract/vfio.test.ts', 'tests/native/vfio']

interface Report {
  testResults: {
    name: string
    status: string
    message: string
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[]
  }[]
}

const report = requireGuest() && (await runInside())

describe.skipIf(!report)('inside the guest', () => {
  for (const { name, status, message, assertionResults } of report?.testResults ?? []) {
    describe(name.replace('/pinlab/', ''), () => {
      test('the file can be run', () => {
        const why = assertionResults.length === 0 ? `no tests: ${message}` : message
        const ran =
          assertionResults.some((result) => result.status === 'failed') || status === 'passed'
        expect(ran && assertionResults.length > 0, why).toBe(true)
      })
      for (const result of assertionResults) {
        test(result.fullName, ({ skip }) => {
          if (result.status !== 'passed' && result.status !== 'failed') skip()
          expect(result.status, result.failureMessages.join('\n')).toBe('passed')
        })
      }
    })
  }
})

async function runInside(): Promise<Report> {
  const guest = await bootGuest({ boards: ['edu'] })
  try {
    const vitest = 'node node_modules/vitest/vitest.mjs run --project native'
    const json = '--reporter=json --outputFile=/tmp/report.json'
    const { output } = await guest.run(`${vitest} ${json} ${suites.join(' ')}`)
    const report = await guest.run('cat /tmp/report.json')
    if (report.exitCode !== 0) throw new Error(`no report from the guest: ${output}`)
    return JSON.parse(report.output.toString())
  } finally {
    await guest.end()
  }
}
