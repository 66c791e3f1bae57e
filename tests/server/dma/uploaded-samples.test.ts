// Files of samples read back: those that we write ourselves, those of NumPy and SoX, and those that are none.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  type DataFileFormat,
  type SampleFormat,
  sampleByteLength,
  sampleFormats,
} from '../../../server/contract/samples.ts'
import { type SampleFileFormat, sampleFile } from '../../../server/dma/sample-files.ts'
import { FileBytes } from '../../../server/dma/uploads/file-bytes.ts'
import type { Hints } from '../../../server/dma/uploads/samples-read.ts'
import { readSamples } from '../../../server/dma/uploads/uploaded-samples.ts'
import { missing, requireProgram } from '../../support/requirements.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const sox = requireProgram({ names: ['sox'], install: 'apt-get install -y sox' })
/** Debian's packages are for its own Python. */
const python = ['python3', '/usr/bin/python3'].find(
  (one) => spawnSync(one, ['-c', 'import numpy']).status === 0,
)
if (!python) missing('cannot import numpy: run `apt-get install -y python3-numpy`')

/** As it comes from a network: pieces that mind nothing. */
async function* inPieces(bytes: Buffer, length = 13): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of pieces) parts.push(Buffer.from(part))
  return Buffer.concat(parts)
}

async function read(format: DataFileFormat, bytes: Buffer, hints: Hints = {}) {
  const file = new FileBytes(inPieces(bytes))
  const { sample, pieces } = await readSamples(format, file, hints)
  return { sample, bytes: await joined(pieces), sha256: file.sha256() }
}

/** Whole numbers of every size; of floats also those at the edges. */
function samplesOf(format: SampleFormat, count: number): Buffer {
  const size = sampleByteLength[format]
  const bytes = createHash('shake256', { outputLength: count * size })
    .update(format)
    .digest()
  if (!format.startsWith('f')) return bytes
  const edges = [-0, 0, 1 / 3, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  const values = [...edges, 1e-40, 5e-324, -1.5e38, 3.4028234663852886e38]
  for (let n = 0; n < count; n++) {
    const value = values[n] ?? bytes.readInt32LE(n * size) / 7
    if (size === 4) bytes.writeFloatLE(value, n * size)
    else bytes.writeDoubleLE(value, n * size)
  }
  return format.endsWith('be') ? (size === 4 ? bytes.swap32() : bytes.swap64()) : bytes
}

function written(kind: SampleFileFormat, format: SampleFormat, bytes: Buffer): Promise<Buffer> {
  const channels = 3
  const layout = { format, channels, stride: 3 * sampleByteLength[format], sampleRate: 48_000 }
  const provenance = { board: 'sim0', sample: format, channels, sampleRate: 48_000 }
  const file = sampleFile(kind, layout, { byteLength: bytes.length, provenance })
  return joined(file.write(inPieces(bytes, 1009)))
}

describe('a file that we wrote', () => {
  it.each(sampleFormats)('has every sample of %s as it was', async (format) => {
    const bytes = samplesOf(format, 3 * 40)
    const facts = { format, channels: 3, stride: 3 * sampleByteLength[format] }
    for (const kind of ['npy', 'csv'] as const) {
      const file = await written(kind, format, bytes)
      const back = await read(kind, file)
      expect(back.bytes.toString('hex'), kind).toBe(bytes.toString('hex'))
      // Where nothing is told of the rate, nobody knows it.
      expect(back.sample).toEqual({ ...facts, sampleRate: kind === 'csv' ? 48_000 : null })
      expect(back.sha256).toBe(createHash('sha256').update(file).digest('hex'))
    }
  })

  it.each(['u8', 'i16le', 'i32le', 'f32le', 'f64le'] as const)(
    'as WAV has every sample of %s as it was',
    async (format) => {
      const bytes = samplesOf(format, 3 * 41)
      const back = await read('wav', await written('wav', format, bytes))
      expect(back.bytes.equals(bytes)).toBe(true)
      const facts = { format, channels: 3, stride: 3 * sampleByteLength[format] }
      expect(back.sample).toEqual({ ...facts, sampleRate: 48_000 })
    },
  )
})

describe('a file of other tools', () => {
  it.skipIf(!python)('is read as NumPy saves it, of both versions', async () => {
    const folder = temporaryFolder()
    const script = `
import sys, numpy
a = (numpy.arange(30, dtype='<i2') * 1001 - 7).reshape(10, 3)
with open(sys.argv[1] + '/2.npy', 'wb') as f: numpy.lib.format.write_array(f, a, version=(2, 0))
numpy.save(sys.argv[1] + '/1.npy', a[:, 0].astype('>f8'))
numpy.save(sys.argv[1] + '/fortran.npy', numpy.asfortranarray(a))
numpy.save(sys.argv[1] + '/half.npy', a.astype('<f2'))`
    expect(spawnSync(python ?? '', ['-c', script, folder]).stderr.toString()).toBe('')
    const load = (name: string) => read('npy', readFileSync(join(folder, name)), { sampleRate: 5 })
    const numbers = Array.from({ length: 30 }, (_, n) => n * 1001 - 7)
    const two = await load('2.npy')
    expect(Array.from({ length: 30 }, (_, n) => two.bytes.readInt16LE(2 * n))).toEqual(numbers)
    expect(two.sample).toEqual({ format: 'i16le', channels: 3, stride: 6, sampleRate: 5 })
    const one = await load('1.npy')
    expect(one.sample).toMatchObject({ format: 'f64be', channels: 1 })
    expect(one.bytes.readDoubleBE(8)).toBe(numbers[3])
    for (const name of ['fortran.npy', 'half.npy']) {
      await expect(load(name), name).rejects.toMatchObject({ code: 'PINLAB_CAPTURE_FILE' })
    }
  })

  it.skipIf(sox === null)('is read as SoX writes it, and refused with 24 bits', async () => {
    const folder = temporaryFolder()
    const raw = ['-t', 'raw', '-e', 'signed-integer', '-b', '32', '-r', '8000', '-c', '2']
    const bytes = samplesOf('i32le', 200)
    writeFileSync(join(folder, 'x.raw'), bytes)
    const convert = (bits: string) => {
      const file = join(folder, `${bits}.wav`)
      spawnSync(sox ?? '', ['-D', ...raw, join(folder, 'x.raw'), '-b', bits, file])
      return readFileSync(file)
    }
    // An extensible format, with a chunk of facts before the samples.
    const { bytes: back, sample } = await read('wav', convert('32'))
    expect(back.equals(bytes)).toBe(true)
    expect(sample).toEqual({ format: 'i32le', channels: 2, stride: 8, sampleRate: 8000 })
    await expect(read('wav', convert('24'))).rejects.toThrow(/24 bits/)
  })

  it('may be a plain table, with what its numbers are said beside it', async () => {
    const table = Buffer.from('\ufeffleft,right\n1,-2\n3,-4')
    const { bytes, sample } = await read('csv', table, { sample: 'i8', sampleRate: 9 })
    expect([...new Int8Array(bytes)]).toEqual([1, -2, 3, -4])
    expect(sample).toEqual({ format: 'i8', channels: 2, stride: 2, sampleRate: 9 })
  })

  it('may be bytes, of which somebody may say what they are', async () => {
    const bytes = Buffer.from('whatever')
    expect(await read('bin', bytes)).toMatchObject({ sample: null, bytes })
    const hints = { sample: 'i16be', channels: 2 } as const
    expect((await read('bin', bytes, hints)).sample).toEqual({
      ...{ format: 'i16be', channels: 2, stride: 4, sampleRate: null },
    })
  })
})

const npy = (header: string, data = '12345678', magic = '\x93NUMPY\x01\x00') => {
  const text = Buffer.from(`${header}\n`, 'latin1')
  const length = Buffer.from([text.length & 0xff, text.length >> 8])
  return Buffer.concat([Buffer.from(magic, 'latin1'), length, text, Buffer.from(data)])
}
const head = (descr: string, shape: string, order = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`

function wav(bits: number, data: Buffer, { kind = 1, channels = 1, said = data.length } = {}) {
  const file = Buffer.alloc(44)
  file.write('RIFF', 0).toString()
  file.write('WAVEfmt ', 8)
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(kind, 20)
  file.writeUInt16LE(channels, 22)
  file.writeUInt32LE(8000, 24)
  file.writeUInt16LE((channels * bits) / 8, 32)
  file.writeUInt16LE(bits, 34)
  file.write('data', 36)
  file.writeUInt32LE(said, 40)
  return Buffer.concat([file, data])
}

describe('a file that is none is refused, and the answer says where', () => {
  const eight = Buffer.alloc(8)
  const late = Buffer.concat([
    wav(16, eight).subarray(0, 36),
    Buffer.from('junk\xff\xff\xff\x00', 'latin1'),
    Buffer.alloc(2 ** 21),
  ])
  it.each<[string, DataFileFormat, Buffer, object]>([
    ['no npy', 'npy', Buffer.from('PK\x03\x04 and more of it'), { byte: 0 }],
    ['of a later version', 'npy', npy('{}', '', '\x93NUMPY\x03\x00'), { byte: 0 }],
    ['of objects', 'npy', npy(head('|O', '(1,)')), { byte: 0 }],
    ['of long whole numbers', 'npy', npy(head('<i8', '(1,)')), { byte: 0 }],
    ['of numbers without order', 'npy', npy(head('|i2', '(4,)')), { byte: 0 }],
    ['of records', 'npy', npy("{'descr': [('a', '<i2')], 'shape': (4,), }"), { byte: 0 }],
    ['a cube', 'npy', npy(head('<i2', '(2, 2, 1)')), { byte: 0 }],
    ['without a shape', 'npy', npy(head('<i2', '()')), { byte: 0 }],
    ['in Fortran order', 'npy', npy(head('<i2', '(2, 2)', 'True')), { byte: 0 }],
    ['with too many channels', 'npy', npy(head('|u1', '(1, 65)')), { byte: 0 }],
    ['too short', 'npy', npy(head('<f8', '(2,)')), { byte: 76 }],
    ['too long', 'npy', npy(head('<f4', '(1,)')), { byte: 72 }],
    ['cut in its header', 'npy', npy(head('<f4', '(1,)')).subarray(0, 40), { byte: 40 }],
    ['no WAV', 'wav', Buffer.from('RIFX and so on and on'), { byte: 0 }],
    ['of 12 bits', 'wav', wav(12, eight), { byte: 12 }],
    ['compressed', 'wav', wav(8, eight, { kind: 7 }), { byte: 12 }],
    ['of no channels', 'wav', wav(16, eight, { channels: 0 }), { byte: 12 }],
    ['with half a frame', 'wav', wav(16, Buffer.alloc(6), { channels: 2 }), { byte: 36 }],
    ['that breaks off', 'wav', wav(16, eight, { said: 100 }), { byte: 52 }],
    ['without samples', 'wav', wav(16, eight).subarray(0, 36), { byte: 36 }],
    ['with samples that never begin', 'wav', late, { byte: 36 }],
    ['empty', 'csv', Buffer.from(''), { line: 1 }],
    ['of remarks', 'csv', Buffer.from('# x\n'.repeat(2000)), { line: 1001 }],
    ['without a type', 'csv', Buffer.from('ch1\n1\n'), { line: 1 }],
    ['without names', 'csv', Buffer.from('# sample: i8\n1,2\n3,4\n'), { line: 2 }],
    ['without channels', 'csv', Buffer.from('# sample: i8\nframe,seconds\n'), { line: 2 }],
    ['with a word', 'csv', Buffer.from('# sample: i8\na\n1\nx\n'), { line: 4 }],
    ['with a fraction', 'csv', Buffer.from('# sample: i8\na\n1.5\n'), { line: 3 }],
    ['with a large number', 'csv', Buffer.from('# sample: i8\na\n127\n-128\n128\n'), { line: 5 }],
    ['with a negative one', 'csv', Buffer.from('# sample: u32le\na\n-1\n'), { line: 3 }],
    ['with an empty field', 'csv', Buffer.from('# sample: f32le\na,b\n1,\n'), { line: 3 }],
    ['with an empty line', 'csv', Buffer.from('# sample: f32le\na\n1\n\n2\n'), { line: 4 }],
    ['with quotes', 'csv', Buffer.from('# sample: f32le\na\n"1"\n'), { line: 3 }],
    ['with a longer line', 'csv', Buffer.from('# sample: u8\na\n1\n1,2\n'), { line: 4 }],
    ['that lost a line', 'csv', Buffer.from('# sample: u8\nframe,a\n7,1\n9,2\n'), { line: 4 }],
    [
      'of one endless line',
      'csv',
      Buffer.from(`# sample: u8\na\n${'1'.repeat(9000)}`),
      { line: 3 },
    ],
  ])('%s (%s)', async (_, format, bytes, where) => {
    const refused = read(format, bytes)
    await expect(refused).rejects.toMatchObject({ code: 'PINLAB_CAPTURE_FILE', members: where })
  })
})
