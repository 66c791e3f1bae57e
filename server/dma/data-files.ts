// Data as somebody wants it as a file: its name, what its samples are, and how it is sent.

import type { FastifyReply } from 'fastify'
import type { Capture, DataQuery } from '../contract/capture.ts'
import { type SampleFormat, sampleByteLength } from '../contract/samples.ts'
import { PinlabError } from '../errors.ts'
import { type Provenance, type SampleLayout, sampleFile } from './sample-files.ts'

type Known = Capture['provenance']['sample']

/** A Content-Disposition whose file name is safe in a header and on every disk. */
export function attachment(name: string, fallback: string, extension: string): string {
  const safe = name.replaceAll(/[^\w.-]+/g, '-').replaceAll(/^-|-$/g, '') || fallback
  return `attachment; filename="${safe}.${extension}"`
}

/** What was asked for, and for the rest what the board delivers. */
function layoutOf(query: DataQuery, known: Known): SampleLayout {
  const format = query.sample ?? (known?.format as SampleFormat | undefined) ?? 'u8'
  const isKnown = known?.format === format
  const channels = query.channels ?? (isKnown ? known.channels : 1)
  const own = channels * sampleByteLength[format]
  const stride = query.stride ?? (isKnown && channels === known.channels ? known.stride : own)
  return { format, channels, stride, sampleRate: query.sampleRate || known?.sampleRate || null }
}

/**
 * Writes the headers for samples in the format that was asked for, which is none of raw bytes. Returns what makes the body from the
 * memory's `pieces`, of so many bytes in all. Throws PINLAB_DATA_FORMAT, PINLAB_REQUEST_RANGE.
 */
export function answerWithSamples(
  reply: FastifyReply,
  { query, range, known }: { query: DataQuery; range: string | undefined; known: Known },
  data: { name: string; id: string; byteLength: number; provenance: Provenance },
): { from(pieces: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> } {
  const { format } = query
  if (format === 'bin') throw new Error('bytes are sent as they are')
  if (range !== undefined) {
    throw new PinlabError('PINLAB_REQUEST_RANGE', 'A Range is one of bytes: ask for format=bin.')
  }
  const layout = layoutOf(query, known)
  const { format: sample, channels, stride, sampleRate } = layout
  const file = sampleFile(format, layout, {
    byteLength: data.byteLength,
    provenance: { ...data.provenance, sample, channels, stride, sampleRate },
  })
  reply.header('content-disposition', attachment(data.name, data.id, format))
  if (file.byteLength !== null) reply.header('content-length', file.byteLength)
  reply.type(file.mediaType)
  return { from: (pieces) => file.write(pieces) }
}
