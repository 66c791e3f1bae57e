// `pinlab doctor`: asks the running server, whose limits are the ones that count; without one, looks for itself. Opens no board and
// no database.

import { styleText } from 'node:util'
import { Compile } from 'typebox/compile'
import { type Config, readConfig } from '../../config.ts'
import { DoctorReport, type FindingStatus } from '../../contract/doctor.ts'
import { examine } from './examine.ts'
import { reportLines } from './report-lines.ts'

const answerMs = 3000
const isReport = Compile(DoctorReport)

const colours = { good: 'green', mend: 'red', advice: 'yellow', unknown: 'dim' } as const

/** Prints the report and sets the exit code: 0 nothing to mend, 1 something. */
export async function doctor({ json }: { json: boolean }): Promise<void> {
  const config = readConfig(process.env)
  const report = (await askServer(config)) ?? (await lookForItself(config))
  const coloured = process.stdout.isTTY && !process.env.NO_COLOR
  const mark = (status: FindingStatus, word: string) =>
    coloured ? styleText(colours[status], word) : word
  const text = json ? JSON.stringify(report, null, 2) : reportLines(report, mark).join('\n')
  process.stdout.write(`${text}\n`)
  process.exitCode = report.toMend === 0 ? 0 : 1
}

/** Null where nobody answers, somebody who is no Pinlab, or one that wants a token of an administrator (PINLAB_TOKEN). */
async function askServer({ network: { host, tls }, port }: Config): Promise<DoctorReport | null> {
  if (port === 0) return null
  const token = process.env.PINLAB_TOKEN
  const name = host.includes(':') ? `[${host}]` : host
  try {
    const answer = await fetch(`${tls ? 'https' : 'http'}://${name}:${port}/api/v1/doctor`, {
      signal: AbortSignal.timeout(answerMs),
      ...(token ? { headers: { authorization: `Bearer ${token}` } } : {}),
    })
    const report: unknown = await answer.json()
    return isReport.Check(report) ? report : null
  } catch {
    return null
  }
}

function lookForItself({ boards, dataFolder, limits }: Config): Promise<DoctorReport> {
  const lockedByteLength = limits.lockedByteLengthPerHost
  return examine({ boards, dataFolder, lockedByteLength, uses: null })
}
