// Samples as files of other tools: NumPy's .npy, CSV and WAV. Pure. Every sample is in the file exactly as it is in memory; a format
// that cannot hold it is refused.

import { type SampleFormat, sampleByteLength } from '../contract/samples.ts'
import { PinlabError } from '../errors.ts'

export type SampleFileFormat = 'npy' | 'csv' | 'wav'

export interface SampleLayout {
  format: SampleFormat
  /** They lie side by side at the beginning of each frame. */
  channels: number
  /** Bytes from one frame to the next. */
  stride: number
  /** Frames per second; null where nobody knows. */
  sampleRate: number | null
}

/** What a reader should know of where the samples come from; into the file where the format has a place for it. */
export type Provenance = Record<string, string | number | null>

export interface SampleFile {
  mediaType: string
  /** Of the whole file; null where only writing it tells. */
  byteLength: number | null
  write(pieces: AsyncIterable<Uint8Array>): AsyncIterable<Buffer>
}

/** `byteLength` bytes of memory as a file; what follows the last whole frame is left out. Throws PINLAB_DATA_FORMAT. */
export function sampleFile(
  kind: SampleFileFormat,
  layout: SampleLayout,
  { byteLength, provenance }: { byteLength: number; provenance: Provenance },
): SampleFile {
  checkLayout(layout, byteLength)
  const frames = frameCount(layout, byteLength)
  if (kind === 'csv') {
    const write = (pieces: AsyncIterable<Uint8Array>) => csv(layout, frames, provenance, pieces)
    return { mediaType: 'text/csv; charset=utf-8', byteLength: null, write }
  }
  const dataByteLength = frames * frameByteLength(layout)
  const parts =
    kind === 'npy'
      ? { header: npyHeader(layout, frames), swap: false, footer: Buffer.alloc(0) }
      : wavParts(layout, dataByteLength, provenance)
  return {
    mediaType: kind === 'wav' ? 'audio/wav' : 'application/octet-stream',
    byteLength: parts.header.length + dataByteLength + parts.footer.length,
    async *write(pieces) {
      yield parts.header
      yield* packed(layout, frames, parts.swap, pieces)
      if (parts.footer.length > 0) yield parts.footer
    },
  }
}

const frameByteLength = ({ format, channels }: SampleLayout) => sampleByteLength[format] * channels

/** The last frame may lack what lies between its samples and the next one. */
function frameCount(layout: SampleLayout, byteLength: number): number {
  const own = frameByteLength(layout)
  return byteLength < own ? 0 : Math.floor((byteLength - own) / layout.stride) + 1
}

function checkLayout(layout: SampleLayout, byteLength: number): void {
  const own = frameByteLength(layout)
  if (layout.stride < own) {
    throw unfit(
      `${layout.channels} samples of ${layout.format} take ${own} bytes, more than the stride of ${layout.stride}.`,
    )
  }
  if (byteLength < own) throw unfit(`${byteLength} bytes hold no whole frame of ${own} bytes.`)
}

const unfit = (detail: string) => new PinlabError('PINLAB_DATA_FORMAT', detail)

/** The samples without what lies between them. */
async function* packed(
  layout: SampleLayout,
  frames: number,
  swap: boolean,
  pieces: AsyncIterable<Uint8Array>,
): AsyncIterable<Buffer> {
  const own = frameByteLength(layout)
  for await (const whole of wholeFrames(layout, frames, pieces)) {
    const count = countIn(whole, layout)
    let data = whole.subarray(0, count * own)
    if (layout.stride !== own) {
      data = Buffer.allocUnsafe(count * own)
      for (let n = 0; n < count; n++) {
        whole.copy(data, n * own, n * layout.stride, n * layout.stride + own)
      }
    }
    yield swap ? swapped(data, sampleByteLength[layout.format]) : data
  }
}

const countIn = (whole: Buffer, layout: SampleLayout) =>
  Math.floor((whole.length - frameByteLength(layout)) / layout.stride) + 1

/** Pieces that begin with a frame and end with a whole one. */
async function* wholeFrames(
  layout: SampleLayout,
  frames: number,
  pieces: AsyncIterable<Uint8Array>,
): AsyncIterable<Buffer> {
  const own = frameByteLength(layout)
  let rest: Buffer = Buffer.alloc(0)
  /** Of what lies between two frames, still to come. */
  let gap = 0
  let left = frames
  for await (const piece of pieces) {
    const fresh = asBuffer(piece).subarray(gap)
    gap -= Math.min(gap, piece.byteLength)
    const bytes = rest.length === 0 ? fresh : Buffer.concat([rest, fresh])
    const count = Math.min(left, bytes.length < own ? 0 : countIn(bytes, layout))
    if (count > 0) yield bytes.subarray(0, (count - 1) * layout.stride + own)
    left -= count
    if (left === 0) return
    const done = count * layout.stride
    rest = bytes.subarray(Math.min(bytes.length, done))
    gap += Math.max(0, done - bytes.length)
  }
}

const asBuffer = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** A copy in the other byte order. */
function swapped(data: Buffer, sampleLength: number): Buffer {
  const copy = Buffer.from(data)
  if (sampleLength === 2) return copy.swap16()
  if (sampleLength === 4) return copy.swap32()
  return sampleLength === 8 ? copy.swap64() : copy
}

/** Version 1.0 (NEP 1): shape (frames, channels), in C order. */
function npyHeader({ format, channels }: SampleLayout, frames: number): Buffer {
  const { kind, byteLength, isBig } = typeOf(format)
  const order = byteLength === 1 ? '|' : isBig ? '>' : '<'
  const shape = channels === 1 ? `(${frames},)` : `(${frames}, ${channels})`
  const text = `{'descr': '${order}${kind}${byteLength}', 'fortran_order': False, 'shape': ${shape}, }`
  const magic = Buffer.from('\x93NUMPY\x01\x00', 'latin1')
  const padded = Math.ceil((magic.length + 2 + text.length + 1) / 64) * 64 - magic.length - 2
  const length = Buffer.alloc(2)
  length.writeUInt16LE(padded)
  return Buffer.concat([magic, length, Buffer.from(`${text.padEnd(padded - 1)}\n`, 'latin1')])
}

function typeOf(format: SampleFormat) {
  const kind = format[0] as 'i' | 'u' | 'f'
  return { kind, byteLength: sampleByteLength[format], isBig: format.endsWith('be') }
}

const pcm = 1
const ieeeFloat = 3
const mostRiffBytes = 0xffff_ffff

function wavParts(layout: SampleLayout, dataByteLength: number, provenance: Provenance) {
  const { format, channels, sampleRate } = layout
  const { kind, byteLength, isBig } = typeOf(format)
  // 8-bit samples of a WAV are unsigned, all others signed or floating.
  if (byteLength === 1 ? kind !== 'u' : kind === 'u') {
    throw unfit(`A WAV cannot hold ${format} as it is. Take npy or csv.`)
  }
  if (sampleRate === null || !Number.isInteger(sampleRate) || sampleRate > 0xffff_ffff) {
    throw unfit('A WAV needs a whole number of frames per second. Say which by sampleRate=.')
  }
  const own = frameByteLength(layout)
  const footer = Buffer.alloc(dataByteLength % 2)
  const comment = commentChunk(provenance)
  const riffByteLength = 36 + comment.length + dataByteLength + footer.length
  if (riffByteLength > mostRiffBytes) throw unfit('A WAV has at most 4 GiB. Take npy.')
  const head = Buffer.alloc(36)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(riffByteLength, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(kind === 'f' ? ieeeFloat : pcm, 20)
  head.writeUInt16LE(channels, 22)
  head.writeUInt32LE(sampleRate, 24)
  head.writeUInt32LE(Math.min(0xffff_ffff, sampleRate * own), 28)
  head.writeUInt16LE(own, 32)
  head.writeUInt16LE(byteLength * 8, 34)
  const data = Buffer.alloc(8)
  data.write('data', 0, 'latin1')
  data.writeUInt32LE(dataByteLength, 4)
  return { header: Buffer.concat([head, comment, data]), swap: isBig, footer }
}

/** LIST INFO with a comment, which players show. */
function commentChunk(provenance: Provenance): Buffer {
  const text = Buffer.from(`${JSON.stringify(provenance)}\0`)
  const padded = Buffer.concat([text, Buffer.alloc(text.length % 2)])
  const head = Buffer.alloc(20)
  head.write('LIST', 0, 'latin1')
  head.writeUInt32LE(12 + padded.length, 4)
  head.write('INFOICMT', 8, 'latin1')
  head.writeUInt32LE(text.length, 16)
  return Buffer.concat([head, padded])
}

const linesAtOnce = 4096

/** RFC 4180 after lines that begin with `#`: frame number, seconds where the rate is known, and a column for each channel. */
async function* csv(
  layout: SampleLayout,
  frames: number,
  provenance: Provenance,
  pieces: AsyncIterable<Uint8Array>,
): AsyncIterable<Buffer> {
  const { channels, sampleRate, stride, format } = layout
  const about = Object.entries(provenance).map(([name, value]) => `# ${name}: ${value ?? ''}`)
  const names = Array.from({ length: channels }, (_, n) => `ch${n + 1}`)
  const time = sampleRate === null ? [] : ['seconds']
  yield Buffer.from([...about, ['frame', ...time, ...names].join(','), ''].join('\r\n'))
  const read = readerOf(format)
  const size = sampleByteLength[format]
  let frame = 0
  for await (const whole of wholeFrames(layout, frames, pieces)) {
    const count = countIn(whole, layout)
    let lines = ''
    for (let n = 0; n < count; n++, frame++) {
      lines += frame
      if (sampleRate !== null) lines += `,${frame / sampleRate}`
      for (let channel = 0; channel < channels; channel++) {
        lines += `,${text(read(whole, n * stride + channel * size))}`
      }
      lines += '\r\n'
      if (n % linesAtOnce === linesAtOnce - 1) {
        yield Buffer.from(lines)
        lines = ''
      }
    }
    yield Buffer.from(lines)
  }
}

/** Zero has a sign, too. */
const text = (value: number) => (Object.is(value, -0) ? '-0' : value)

/** A float is written with as many digits as tell it from every other float64, which tells every float32 too. */
function readerOf(format: SampleFormat): (bytes: Buffer, at: number) => number {
  const { kind, byteLength, isBig } = typeOf(format)
  if (kind === 'f' && byteLength === 4) {
    return isBig ? (bytes, at) => bytes.readFloatBE(at) : (bytes, at) => bytes.readFloatLE(at)
  }
  if (kind === 'f') {
    return isBig ? (bytes, at) => bytes.readDoubleBE(at) : (bytes, at) => bytes.readDoubleLE(at)
  }
  if (kind === 'i') {
    return isBig
      ? (bytes, at) => bytes.readIntBE(at, byteLength)
      : (bytes, at) => bytes.readIntLE(at, byteLength)
  }
  return isBig
    ? (bytes, at) => bytes.readUIntBE(at, byteLength)
    : (bytes, at) => bytes.readUIntLE(at, byteLength)
}
