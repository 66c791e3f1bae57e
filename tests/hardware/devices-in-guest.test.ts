// The contract suite and the drivers on real devices: they run inside the guest, and each of their tests is reported as one here. The
// network card is fed with frames from here meanwhile.

import { describe, expect, test } from 'vitest'
import { countTests } from '../../scripts/test-report.mjs'
import { serveFrameWishes, wishFolder } from './frame-wishes.ts'
import { bootGuest } from './guest/guest.ts'
import { requireGuest } from './guest/prepare.ts'
import { vitestInside } from './vitest-inside.ts'

const suites = [
  'tests/contract/vfio.test.ts',
  'tests/native/vfio',
  'tests/server/drivers/edu.vfio',
  'tests/server/drivers/nvme.vfio',
  'tests/server/drivers/e1000e.vfio',
]

// Four minutes on an idle machine.
const suitesTimeoutMs = 1_200_000

/** What vitest says inside. */
interface Inside {
  report: {
    testResults: {
      name: string
      message: string
      assertionResults: { fullName: string; status: string; failureMessages: string[] }[]
    }[]
  }
  exitCode: number
  output: string
}

const inside = requireGuest() && (await runInside())

describe.skipIf(!inside)('inside the guest', () => {
  test('every file runs to its end', () => {
    const { report, exitCode, output } = inside as Inside
    const broken = report.testResults.map(({ message }) => message).join('')
    const { passed, failed } = countTests(report, exitCode)
    expect(passed, output).toBeGreaterThan(0)
    expect(failed, broken || output).toBe(0)
  })
  for (const { name, assertionResults } of inside?.report.testResults ?? []) {
    describe(name.replace('/pinlab/', ''), () => {
      for (const result of assertionResults) {
        test(result.fullName, ({ skip }) => {
          if (result.status !== 'passed' && result.status !== 'failed') skip()
          expect(result.status, result.failureMessages.join('\n')).toBe('passed')
        })
      }
    })
  }
})

async function runInside(): Promise<Inside> {
  const guest = await bootGuest()
  try {
    const reports = '--reporter=default --reporter=json --outputFile.json=/tmp/report.json'
    const vitest = vitestInside(['native', 'server'], suites, reports)
    const command = `mkdir ${wishFolder}; PINLAB_TEST_FRAME_WISHES=${wishFolder} ${vitest}`
    const suitesEnd = guest.run(command, { timeoutMs: suitesTimeoutMs })
    await serveFrameWishes(guest, suitesEnd)
    const { exitCode, output } = await suitesEnd
    process.stdout.write(
      `${output
        .toString()
        .match(/^.*paced: .*$/gm)
        ?.join('\n')}\n`,
    )
    const report = await guest.run('cat /tmp/report.json')
    if (report.exitCode !== 0) throw new Error(`no report from the guest: ${output}`)
    return { report: JSON.parse(report.output.toString()), exitCode, output: output.toString() }
  } finally {
    await guest.end()
  }
}
