// CSV as sample-files.ts writes it, or plainer: lines that begin with `#`, a head, and a line of numbers for each frame.

import { type SampleFormat, sampleByteLength, sampleFormats } from '../../contract/samples.ts'
import { CsvLines } from './csv-lines.ts'
import { type FileBytes, fileFault } from './file-bytes.ts'
import { numbersOf } from './sample-numbers.ts'
import type { Hints, SamplesRead } from './samples-read.ts'

const mostLinesAbout = 1000
const mostChannels = 64

interface Columns {
  /** Counts the frames. */
  hasFrame: boolean
  /** Which is the first channel. */
  first: number
  count: number
}

export async function readCsv(file: FileBytes, hints: Hints): Promise<SamplesRead> {
  const lines = new CsvLines(file)
  const { about, head } = await readHead(lines)
  const { count, ...columns } = columnsOf(head, lines.number)
  const channels = count - columns.first
  const format = hints.sample ?? sampleFormats.find((one) => one === about.get('sample'))
  if (!format) {
    throw fileFault(
      'The file does not say what its samples are: no line "# sample: i16le". Say it by sample=.',
      { line: lines.number },
    )
  }
  const sampleRate = hints.sampleRate ?? rateOf(about.get('sampleRate'))
  const stride = channels * sampleByteLength[format]
  return {
    sample: { format, channels, stride, sampleRate },
    pieces: framesOf(lines, { ...columns, count }, format),
  }
}

async function readHead(lines: CsvLines) {
  const about = new Map<string, string>()
  for (let n = 0; n <= mostLinesAbout; n++) {
    const line = await lines.next()
    if (line === null) throw fileFault('There is no line with the columns’ names.', { line: 1 })
    if (!line.startsWith('#')) return { about, head: line }
    const [, name, value = ''] = /^# (\w+): (.*)$/.exec(line) ?? []
    if (name) about.set(name, value)
  }
  throw fileFault(`At most ${mostLinesAbout} lines come before the columns’ names.`, {
    line: lines.number,
  })
}

function columnsOf(head: string, line: number): Columns {
  const names = head.split(',')
  const hasFrame = names[0] === 'frame'
  const first = names.findIndex((name, at) => at > 1 || !['frame', 'seconds'].includes(name))
  const channels = names.length - first
  if (first < 0 || channels > mostChannels) {
    throw fileFault(`There are 1 to ${mostChannels} columns of samples, each with a name.`, {
      line,
    })
  }
  // A file without a head would lose its first frame.
  if (names.slice(first).every((name) => name.trim() !== '' && Number.isFinite(Number(name)))) {
    throw fileFault(`The columns have no names, such as "frame,ch1".`, { line })
  }
  return { hasFrame, first, count: names.length }
}

function rateOf(text: string | undefined): number | null {
  const rate = Number(text)
  return Number.isFinite(rate) && rate > 0 ? rate : null
}

async function* framesOf(
  lines: CsvLines,
  { hasFrame, first, count }: Columns,
  format: SampleFormat,
): AsyncGenerator<Buffer> {
  const { read, byteLength } = numbersOf(format)
  let frame: number | null = null
  for await (const { line, texts } of lines.batches()) {
    const bytes = Buffer.allocUnsafe(texts.length * (count - first) * byteLength)
    let at = 0
    for (let n = 0; n < texts.length; n++) {
      const fields = (texts[n] as string).split(',')
      if (fields.length !== count) {
        throw fileFault(`Line ${line + n} has ${fields.length} columns, not ${count}.`, {
          line: line + n,
        })
      }
      if (hasFrame) frame = frameOf(fields[0] as string, frame, line + n)
      for (let column = first; column < count; column++, at += byteLength) {
        if (!read(bytes, at, fields[column] as string)) {
          throw fileFault(
            `Line ${line + n}, column ${column + 1}: "${fields[column]?.slice(0, 40)}" is no ${format}.`,
            { line: line + n },
          )
        }
      }
    }
    yield bytes
  }
}

/** Lines that got lost, or came twice, would move all samples after them. */
function frameOf(text: string, before: number | null, line: number): number {
  const frame = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (frame === (before === null ? frame : before + 1)) return frame
  const due = before === null ? 'a number' : String(before + 1)
  throw fileFault(`Line ${line}: frame ${due} is due here, not "${text.slice(0, 40)}".`, { line })
}
