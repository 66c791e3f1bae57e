// The marks of a capture as lines of text: an offset, and what is there. Pure.

import type { CaptureMark } from '../../../server/contract/capture.ts'
import { captureNoteLimits } from '../../../server/contract/limits.ts'
import { formatBytes, formatHex } from '../format.ts'
import { parseByteLength } from '../parse.ts'

export const marksText = (marks: CaptureMark[]): string =>
  marks.map(({ offset, text }) => `${formatHex(offset, 5)} ${text}`).join('\n')

/** A unit may stand apart from its number. */
const lineOf = /^\s*(\S+(?:\s+[kmg]ib\b)?)\s*(.*?)\s*$/i

/** The marks, or what is wrong with the first line that is none. */
export function parseMarks(
  text: string,
  byteLength: number,
): { marks: CaptureMark[]; fault?: string } {
  const marks: CaptureMark[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const [, figure = '', words = ''] = lineOf.exec(line) ?? []
    const offset = parseByteLength(figure)
    const fault = faultOf(offset, words, byteLength)
    if (fault || offset === null) return { marks: [], fault: `Line ${index + 1}: ${fault}.` }
    marks.push({ offset, text: words })
  }
  const { marks: most } = captureNoteLimits
  return marks.length > most ? { marks: [], fault: `At most ${most} marks.` } : { marks }
}

function faultOf(offset: number | null, words: string, byteLength: number): string | undefined {
  if (offset === null) return 'an offset first, like 4096 or 0x1000'
  if (offset >= byteLength) return `the capture has ${formatBytes(byteLength)}`
  if (words === '') return 'words after the offset'
  const { mark } = captureNoteLimits
  return words.length > mark ? `at most ${mark} characters` : undefined
}
