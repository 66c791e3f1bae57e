// NumPy's .npy, versions 1 and 2 (NEP 1): one array of numbers, whose bytes stay as they are.

import { type SampleFormat, sampleByteLength } from '../../contract/samples.ts'
import { type FileBytes, fileFault } from './file-bytes.ts'
import type { Hints, SamplesRead } from './samples-read.ts'

const mostHeaderBytes = 65_536
const mostChannels = 64

export async function readNpy(file: FileBytes, { sampleRate }: Hints): Promise<SamplesRead> {
  const text = await readHeader(file)
  const format = formatOf(text)
  const shape = shapeOf(text)
  const [frames = 0, channels = 1] = shape
  if (shape.length > 1 && /'fortran_order'\s*:\s*True/.test(text)) {
    throw wrong('The array is in Fortran order. Save numpy.ascontiguousarray(…) of it.')
  }
  const stride = channels * sampleByteLength[format]
  return {
    sample: { format, channels, stride, sampleRate: sampleRate ?? null },
    pieces: exactly(file, frames * stride),
  }
}

async function readHeader(file: FileBytes): Promise<string> {
  const start = await file.take(8, 'the magic string')
  if (start.toString('latin1', 0, 6) !== '\x93NUMPY') throw wrong('This is no .npy file.')
  const [major = 0] = start.subarray(6)
  if (major !== 1 && major !== 2) {
    throw wrong(`It is a .npy of version ${major}; versions 1 and 2 can be read.`)
  }
  const length = await file.take(major === 1 ? 2 : 4, 'the header’s length')
  const byteLength = major === 1 ? length.readUInt16LE() : length.readUInt32LE()
  if (byteLength > mostHeaderBytes) throw wrong(`A header of ${byteLength} bytes is too long.`)
  return (await file.take(byteLength, 'the header')).toString('latin1')
}

/** `'<i2'` is i16le: the byte order, the kind, and the bytes of one number. */
function formatOf(text: string): SampleFormat {
  const [, descr = ''] = /'descr'\s*:\s*'([^']*)'/.exec(text) ?? []
  const [, order = '', kind = '', size = ''] = /^([<>|])([iuf])([1248])$/.exec(descr) ?? []
  const end = size === '1' ? '' : order === '>' ? 'be' : 'le'
  const name = `${kind}${Number(size) * 8}${end}`
  const isOrdered = (order === '|') === (size === '1')
  if (isOrdered && Object.hasOwn(sampleByteLength, name)) return name as SampleFormat
  throw wrong(
    `Numbers of the type '${descr}' cannot be read. Use one of |i1 |u1 <i2 <u2 <i4 <u4 <f4 <f8.`,
  )
}

function shapeOf(text: string): number[] {
  const [, inside = ''] = /'shape'\s*:\s*\(([^)]*)\)/.exec(text) ?? []
  const shape = inside
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
  const isFine =
    (shape.length === 1 || shape.length === 2) && shape.every((one) => /^\d{1,12}$/.test(one))
  const channels = Number(shape[1] ?? 1)
  if (isFine && channels >= 1 && channels <= mostChannels) return shape.map(Number)
  throw wrong(
    `An array of the shape (${inside}) cannot be read: it is (frames,) or (frames, channels), of at most ${mostChannels} channels.`,
  )
}

async function* exactly(file: FileBytes, byteLength: number): AsyncGenerator<Buffer> {
  yield* file.parts(byteLength, 'samples')
  const end = file.offset
  if (await file.some()) {
    throw fileFault(`The array ends at byte ${end}, and the file goes on.`, { byte: end })
  }
}

const wrong = (detail: string) => fileFault(detail, { byte: 0 })
