// WAV: the samples of its data chunk as they are. Chunks of other kinds are passed over.

import { type SampleFormat, sampleByteLength } from '../../contract/samples.ts'
import { type FileBytes, fileFault } from './file-bytes.ts'
import type { SampleFacts, SamplesRead } from './samples-read.ts'

const pcm = 1
const ieeeFloat = 3
/** The kind is in the first two bytes of a GUID at the format chunk's end. */
const extensible = 0xfffe
/** Where the samples have to have begun. */
const mostBytesBefore = 1024 * 1024
const mostChannels = 64

const formats: Record<number, Record<number, SampleFormat>> = {
  [pcm]: { 8: 'u8', 16: 'i16le', 32: 'i32le' },
  [ieeeFloat]: { 32: 'f32le', 64: 'f64le' },
}

export async function readWav(file: FileBytes): Promise<SamplesRead> {
  const start = await file.take(12, 'the header')
  if (start.toString('latin1', 0, 4) !== 'RIFF' || start.toString('latin1', 8) !== 'WAVE') {
    throw fileFault('This is no WAV file: it does not begin with RIFF … WAVE.', { byte: 0 })
  }
  let sample: SampleFacts | null = null
  for (;;) {
    const { at, name, byteLength } = await nextChunk(file)
    if (name === 'data') {
      if (!sample) throw fileFault('The samples come before their format.', { byte: at })
      if (byteLength % sample.stride !== 0) {
        throw fileFault(
          `${byteLength} bytes of samples are no whole frames of ${sample.stride} bytes.`,
          { byte: at },
        )
      }
      return { sample, pieces: samplesThenRest(file, byteLength) }
    }
    const padded = byteLength + (byteLength % 2)
    if (file.offset + padded > mostBytesBefore) {
      throw fileFault('The samples do not begin within the first MiB.', { byte: at })
    }
    const chunk = await file.take(padded, `the chunk "${name}"`)
    if (name === 'fmt ') sample = formatOf(chunk, at)
  }
}

async function nextChunk(file: FileBytes) {
  const at = file.offset
  const head = await file.take(8, 'a chunk with samples')
  return { at, name: head.toString('latin1', 0, 4), byteLength: head.readUInt32LE(4) }
}

function formatOf(chunk: Buffer, byte: number): SampleFacts {
  if (chunk.length < 16) throw fileFault('The format chunk is too short.', { byte })
  const told = chunk.readUInt16LE(0)
  const kind = told === extensible && chunk.length >= 26 ? chunk.readUInt16LE(24) : told
  const bits = chunk.readUInt16LE(14)
  const format = formats[kind]?.[bits]
  if (!format) {
    throw fileFault(
      `Samples of ${bits} bits of the kind ${kind} cannot be read: a WAV has whole numbers of 8, 16 or 32 bits, or floating ones of 32 or 64.`,
      { byte },
    )
  }
  const channels = chunk.readUInt16LE(2)
  const stride = channels * sampleByteLength[format]
  if (channels < 1 || channels > mostChannels || chunk.readUInt16LE(12) !== stride) {
    throw fileFault(
      `${channels} channels of ${bits} bits in frames of ${chunk.readUInt16LE(12)} bytes cannot be read.`,
      { byte },
    )
  }
  return { format, channels, stride, sampleRate: chunk.readUInt32LE(4) || null }
}

async function* samplesThenRest(file: FileBytes, byteLength: number): AsyncGenerator<Buffer> {
  yield* file.parts(byteLength, 'samples')
  await file.skipRest()
}
