// The doctor's report for a terminal: aligned, within 80 columns but for commands, which are to be copied. Pure.

import type { DoctorReport, Finding, FindingStatus } from '../../contract/doctor.ts'

const columns = 80
const statusWidth = 10
const titleWidth = 19
const indent = 2
const textAt = indent + statusWidth + titleWidth

/** `mark` may colour the word of a status. */
export function reportLines(
  report: DoctorReport,
  mark: (status: FindingStatus, word: string) => string = (_, word) => word,
): string[] {
  const section = (heading: string, findings: Finding[]) =>
    findings.length === 0
      ? []
      : ['', ...wrap(heading, columns), ...findings.flatMap((finding) => lines(finding, mark))]
  return [
    `Pinlab doctor, ${report.host}: ${verdict(report)}`,
    ...wrap(
      report.process === 'server'
        ? 'Asked the server that is running; limits are its own.'
        : 'No server answers, so limits are those of this shell, and boards are seen from outside.',
      columns,
    ),
    ...section(
      'Host',
      report.findings.filter(({ board }) => board === null),
    ),
    ...report.boards.flatMap(({ id, name, driver, bus, address }) =>
      section(
        `${id}  ${name} · ${driver} · ${bus}${address ? ` ${address}` : ''}`,
        report.findings.filter(({ board }) => board === id),
      ),
    ),
    ...simulatedOnes(report),
  ]
}

export function verdict({ toMend }: Pick<DoctorReport, 'toMend'>): string {
  if (toMend === 0) return 'nothing to mend'
  return toMend === 1 ? '1 thing to mend' : `${toMend} things to mend`
}

/** Boards without findings are named, so that nobody misses them. */
function simulatedOnes({ boards, findings }: DoctorReport): string[] {
  const quiet = boards.filter(({ id }) => !findings.some(({ board }) => board === id))
  if (quiet.length === 0) return []
  const names = quiet.map(({ id }) => id).join(', ')
  return ['', ...wrap(`${names}: simulated, in need of nothing from the host`, columns)]
}

function lines(
  { status, title, seen, why, mend }: Finding,
  mark: NonNullable<Parameters<typeof reportLines>[1]>,
): string[] {
  const [first = '', ...rest] = wrap(seen, columns - textAt)
  const padding = ' '.repeat(statusWidth - status.length)
  const head = `${' '.repeat(indent)}${mark(status, status)}${padding}${title.padEnd(titleWidth)}${first}`
  const below = (text: string) => wrap(text, columns - textAt).map((line) => margin + line)
  if (status === 'good') return [head, ...rest.map((line) => margin + line)]
  return [
    head,
    ...rest.map((line) => margin + line),
    ...below(why),
    ...(mend ? below(mend.text) : []),
    ...(mend?.commands ?? []).map((command) => `${' '.repeat(indent + statusWidth)}$ ${command}`),
  ]
}

const margin = ' '.repeat(textAt)

/** Words are never cut: one that is longer than the width has a line of its own. */
function wrap(text: string, width: number): string[] {
  const wrapped: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      wrapped.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...wrapped, line]
}
