// Files of samples, read back by tools that are not ours: NumPy, SoX and SQLite.

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  type SampleFormat,
  sampleByteLength,
  sampleFormats,
} from '../../../server/contract/samples.ts'
import {
  type SampleFileFormat,
  type SampleLayout,
  sampleFile,
} from '../../../server/dma/sample-files.ts'
import { missing, requireProgram } from '../../support/requirements.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const debian = (name: string) => `apt-get install -y ${name}`
const sox = requireProgram({ names: ['sox'], install: debian('sox') })
const sqlite = requireProgram({ names: ['sqlite3'], install: debian('sqlite3') })
/** Debian's packages are for its own Python. */
const python = ['python3', '/usr/bin/python3'].find(
  (one) => spawnSync(one, ['-c', 'import numpy']).status === 0,
)
if (!python) missing(`cannot import numpy: run \`${debian('python3-numpy')}\``)

const provenance = { board: 'sim0', model: 'XDMA, simulated', buildId: null }
const layout = (
  format: SampleFormat,
  channels = 2,
  gap = 0,
  sampleRate: number | null = 48_000,
) => {
  const stride = channels * sampleByteLength[format] + gap
  return { format, channels, stride, sampleRate }
}

/** Every bit pattern may come, of floats also those that are no numbers. */
function bytesOf(byteLength: number): Buffer {
  let state = 12_345
  return Buffer.from(
    Array.from({ length: byteLength }, () => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31
      return state >> 16
    }),
  )
}

/** Numbers that SoX, which calculates with 32-bit integers, keeps. */
function fractions(format: SampleFormat, count: number): Buffer {
  const size = sampleByteLength[format]
  const bytes = Buffer.alloc(count * size)
  for (let n = 0; n < count; n++) {
    const value = ((n * 7_919_777) % 2 ** 24) / 2 ** 23 - 1
    if (size === 4) bytes.writeFloatLE(value, n * size)
    else bytes.writeDoubleLE(value, n * size)
  }
  return format.endsWith('be') ? (size === 4 ? bytes.swap32() : bytes.swap64()) : bytes
}

/** As a board's memory is read: in pieces that mind no frame. */
async function* pieces(bytes: Buffer, length = 1009): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

async function made(kind: SampleFileFormat, of: SampleLayout, bytes: Buffer): Promise<Buffer> {
  const file = sampleFile(kind, of, { byteLength: bytes.length, provenance })
  const parts: Buffer[] = []
  for await (const part of file.write(pieces(bytes))) parts.push(Buffer.from(part))
  const whole = Buffer.concat(parts)
  if (file.byteLength !== null) expect(whole.length).toBe(file.byteLength)
  return whole
}

/** The samples alone, without what lies between frames and after the last whole one. */
function packed({ format, channels, stride }: SampleLayout, bytes: Buffer): Buffer {
  const own = channels * sampleByteLength[format]
  const frames: Buffer[] = []
  for (let at = 0; at + own <= bytes.length; at += stride) frames.push(bytes.subarray(at, at + own))
  return Buffer.concat(frames)
}

const layouts = sampleFormats.flatMap((format) => [
  layout(format, 1),
  layout(format, 2),
  layout(format, 3, 5, null),
])

describe.skipIf(!python)('.npy by NumPy', () => {
  it('has every sample of every format as it was', async () => {
    const folder = temporaryFolder()
    const bytes = bytesOf(20_011)
    for (const [n, one] of layouts.entries()) {
      writeFileSync(join(folder, `${n}.npy`), await made('npy', one, bytes))
    }
    const script = `
import json, sys, numpy
print(json.dumps([(a.dtype.str, a.shape, a.tobytes().hex())
  for a in (numpy.load(f'{sys.argv[1]}/{n}.npy') for n in range(${layouts.length}))]))`
    const { stdout } = spawnSync(python ?? '', ['-c', script, folder], { maxBuffer: 2 ** 26 })
    const loaded: [string, number[], string][] = JSON.parse(stdout.toString())
    layouts.forEach((one, n) => {
      const [type, shape, hex] = loaded[n] as (typeof loaded)[number]
      const size = sampleByteLength[one.format]
      const order = size === 1 ? '|' : one.format.endsWith('be') ? '>' : '<'
      const expected = packed(one, bytes)
      expect(type).toBe(`${order}${one.format[0]}${size}`)
      const frames = expected.length / size / one.channels
      expect(shape).toEqual(one.channels === 1 ? [frames] : [frames, one.channels])
      expect(hex === expected.toString('hex'), JSON.stringify(one)).toBe(true)
    })
  })
})

describe.skipIf(sox === null)('WAV by SoX', () => {
  const inWav = ['u8', 'i16le', 'i16be', 'i32le', 'i32be', 'f32le', 'f32be', 'f64le'] as const

  it.each(inWav)('has every sample of %s as it was', async (format) => {
    const of = layout(format, 2)
    const bytes = format.startsWith('f') ? fractions(format, 5000) : bytesOf(10_003)
    const file = join(temporaryFolder(), 'x.wav')
    const whole = await made('wav', of, bytes)
    writeFileSync(file, whole)
    expect(whole.includes(JSON.stringify(provenance))).toBe(true)
    const kind = { u: 'unsigned-integer', i: 'signed-integer', f: 'floating-point' }
    const encoding = kind[format[0] as keyof typeof kind]
    const bits = String(8 * sampleByteLength[format])
    const order = ['--endian', format.endsWith('be') ? 'big' : 'little']
    const raw = ['-t', 'raw', '-e', encoding, '-b', bits, ...order]
    const { stdout, stderr } = spawnSync(sox ?? '', ['-D', '-V1', file, ...raw, '-'], {
      maxBuffer: 2 ** 26,
    })
    expect(stderr.toString()).toBe('')
    expect(stdout.equals(packed(of, bytes))).toBe(true)
    const { stdout: info } = spawnSync(sox ?? '', ['--i', file])
    expect(info.toString()).toMatch(/Channels +: 2[\s\S]*Sample Rate +: 48000/)
  })

  it.each(['i8', 'u16le', 'u32be'] as const)(
    'is refused for %s, which it cannot hold',
    (format) => {
      const make = () => sampleFile('wav', layout(format), { byteLength: 100, provenance })
      expect(make).toThrow(expect.objectContaining({ code: 'PINLAB_DATA_FORMAT' }))
    },
  )

  it('is refused without a whole number of frames per second', () => {
    for (const rate of [null, 0.5]) {
      const make = () =>
        sampleFile('wav', layout('i16le', 1, 0, rate), { byteLength: 4, provenance })
      expect(make).toThrow(expect.objectContaining({ code: 'PINLAB_DATA_FORMAT' }))
    }
  })
})

describe.skipIf(sqlite === null)('CSV by SQLite', () => {
  it.each(['i8', 'u16be', 'i32le', 'u32le', 'f32le', 'f64be'] as const)(
    'has every number of %s as it was',
    async (format) => {
      const of = layout(format, 2, 3)
      const size = sampleByteLength[format]
      const frames = 500
      const bytes = Buffer.alloc(frames * of.stride)
      const data = format.startsWith('f')
        ? fractions(format, frames * 2)
        : bytesOf(frames * 2 * size)
      for (let n = 0; n < frames; n++)
        data.copy(bytes, n * of.stride, n * 2 * size, (n + 1) * 2 * size)
      const file = join(temporaryFolder(), 'x.csv')
      const text = (await made('csv', of, bytes)).toString()
      writeFileSync(file, text)
      const about = text.split('\r\n').filter((line) => line.startsWith('#')).length
      expect(about).toBe(Object.keys(provenance).length)
      const column = (name: string) =>
        format.startsWith('f') ? `printf('%!.17g', CAST(${name} AS REAL))` : name
      const { stdout, stderr } = spawnSync(sqlite ?? '', [
        ':memory:',
        '-cmd',
        `.import --csv --skip ${about} ${file} t`,
        `SELECT frame || ' ' || ${column('ch1')} || ' ' || ${column('ch2')} FROM t`,
      ])
      expect(stderr.toString()).toBe('')
      const rows = stdout
        .toString()
        .trim()
        .split('\n')
        .map((row) => row.split(' ').map(Number))
      const values = numbersOf(format, data)
      expect(rows).toEqual(
        Array.from({ length: frames }, (_, n) => [n, values[2 * n], values[2 * n + 1]]),
      )
    },
  )
})

/** By typed arrays, which our own files do not use. */
function numbersOf(format: SampleFormat, data: Buffer): number[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const isLittle = !format.endsWith('be')
  const size = sampleByteLength[format]
  const kind = { i: 'Int', u: 'Uint', f: 'Float' }[format[0] as 'i' | 'u' | 'f']
  const read = `get${kind}${size * 8}` as 'getInt16'
  return Array.from({ length: data.length / size }, (_, n) => view[read](n * size, isLittle))
}

it('refuses a stride below the samples, and data without a whole frame', () => {
  const wrong = { ...layout('i16le', 4), stride: 6 }
  const make = (of: SampleLayout, byteLength: number) => () =>
    sampleFile('npy', of, { byteLength, provenance })
  const refused = expect.objectContaining({ code: 'PINLAB_DATA_FORMAT' })
  expect(make(wrong, 100)).toThrow(refused)
  expect(make(layout('i16le', 4), 7)).toThrow(refused)
})
