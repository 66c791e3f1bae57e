// Recordings that are not WAV files: .npy, and raw files whose format the configuration says.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type Board, openBoard, source, user } from './board-fixture.ts'
import { type NumpyFile, numpyFile } from './numpy-file.ts'
import { waveFile } from './wave-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'pinlab-recording-'))
afterAll(() => rmSync(folder, { recursive: true }))

const float = 1 << 16
const swapped = 1 << 17

function write(bytes: Uint8Array): string {
  const path = join(folder, 'recording')
  writeFileSync(path, bytes)
  return path
}

const formatOf = (board: Board) => {
  board.writeUser(user.adcControl, source.recording)
  return board.readUser(user.adcFormat)
}

const accepted: [string, NumpyFile, number][] = [
  ['one dimension', { shape: '(16,)', type: '<i2' }, 1 | (16 << 8)],
  ['two dimensions', { shape: '(4, 3)', type: '<i4' }, 3 | (32 << 8)],
  ['signed bytes', { shape: '(8, 2)', type: '|i1' }, 2 | (8 << 8) | swapped],
  ['bytes', { shape: '(8, 2)', type: '|u1' }, 2 | (8 << 8)],
  ['unsigned words', { shape: '(8, 2)', type: '<u2' }, 2 | (16 << 8) | swapped],
  ['unsigned double words', { shape: '(8,)', type: '<u4' }, 1 | (32 << 8) | swapped],
  ['floats', { shape: '(8, 1)', type: '<f4' }, 1 | (32 << 8) | float],
  ['doubles', { shape: '(3, 2)', type: '<f8' }, 2 | (64 << 8) | float],
  ['version 2', { version: 2 }, 2 | (16 << 8)],
  ['version 3', { version: 3 }, 2 | (16 << 8)],
  ['another order of entries', { reverse: true }, 2 | (16 << 8)],
]

test.each(accepted)('an array of %s is taken', async (_, file, format) => {
  expect(formatOf(await openBoard({ recording: write(numpyFile(file)) }))).toBe(format)
})

test('the data of an array is played and what follows it is not', async () => {
  const file = Buffer.concat([numpyFile({ shape: '(8, 2)' }), Buffer.from('more')])
  const board = await openBoard({ recording: write(file) })
  expect(board.readUser(user.recordingBytes)).toBe(32)
})

const good = numpyFile({})
const refused: [string, Uint8Array, string][] = [
  ['cut in its magic', good.subarray(0, 8), 'truncated'],
  ['cut in its header', good.subarray(0, 40), 'header'],
  ['cut in its data', good.subarray(0, good.length - 1), 'data'],
  ['of version 4', numpyFile({ version: 4 }), 'version 4'],
  ['big-endian', numpyFile({ type: '>i2' }), '>i2'],
  ['complex', numpyFile({ type: '<c8' }), '<c8'],
  ['of 64-bit integers', numpyFile({ type: '<i8' }), '<i8'],
  ['a structure', numpyFile({ type: null }), 'plain type'],
  ['in Fortran order', numpyFile({ fortranOrder: true }), 'Fortran'],
  ['of no dimension', numpyFile({ shape: '()' }), '0 dimensions'],
  ['of three dimensions', numpyFile({ shape: '(2, 2, 2)' }), '3 dimensions'],
  ['without channels', numpyFile({ shape: '(4, 0)' }), 'channel'],
  ['of 65 channels', numpyFile({ shape: '(1, 65)', dataByteLength: 130 }), 'channel'],
  ['without frames', numpyFile({ shape: '(0, 2)' }), 'no frame'],
  ['shorter than it claims', numpyFile({ shape: '(9007199254740991, 64)' }), 'data'],
  ['of a shape beyond all numbers', numpyFile({ shape: '(99999999999999999999, 2)' }), 'shape'],
  ['without a shape', numpyFile({ shape: 'None' }), 'shape'],
  ['neither WAV nor .npy', Buffer.from('raw bytes, then'), 'recordingFormat'],
]

test.each(refused)('a recording that is %s is refused by name', async (_, bytes, reason) => {
  const recording = write(bytes)
  const error = await openBoard({ recording }).catch((thrown) => thrown)
  expect(error).toMatchObject({ statusName: 'WD_INVALID_PARAMETER', operation: 'openCard' })
  expect(error.message).toContain(recording)
  expect(error.message).toContain(reason)
})

test.each([
  ['i8', 1 | (8 << 8) | swapped],
  ['u8', 1 | (8 << 8)],
  ['i16le', 1 | (16 << 8)],
  ['u16le', 1 | (16 << 8) | swapped],
  ['i32le', 1 | (32 << 8)],
  ['u32le', 1 | (32 << 8) | swapped],
  ['f32le', 1 | (32 << 8) | float],
  ['f64le', 1 | (64 << 8) | float],
] as const)('a raw file of %s is taken as the configuration says', async (format, expected) => {
  const recording = write(new Uint8Array(64))
  const board = await openBoard({ recording, recordingFormat: { format, channels: 1 } })
  expect(formatOf(board)).toBe(expected)
})

const stereo = { format: 'i16le', channels: 2 } as const
test.each<[string, Uint8Array, object]>([
  ['empty', new Uint8Array(0), stereo],
  ['not whole frames', new Uint8Array(6), stereo],
  ['a WAV file', waveFile({}), stereo],
  ['a .npy file', good, stereo],
  ['of no channel', new Uint8Array(8), { ...stereo, channels: 0 }],
  ['of 65 channels', new Uint8Array(130), { ...stereo, channels: 65 }],
  ['of 4 billion channels and two', new Uint8Array(8), { ...stereo, channels: 2 ** 32 + 2 }],
  ['big-endian', new Uint8Array(8), { ...stereo, format: 'i16be' }],
])('a raw file that is %s is refused', async (_, bytes, recordingFormat) => {
  const config = { recording: write(bytes), recordingFormat } as never
  await expect(openBoard(config)).rejects.toMatchObject({
    statusName: 'WD_INVALID_PARAMETER',
    operation: 'openCard',
  })
})

test('a format without a recording is refused', async () => {
  await expect(openBoard({ recordingFormat: stereo })).rejects.toMatchObject({
    statusName: 'WD_INVALID_PARAMETER',
  })
})
