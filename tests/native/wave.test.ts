// Which recordings the ADC takes, and what is said about those that it does not.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openBoard, source, user } from './board-fixture.ts'
import { type WaveFile, waveFile, writeWave } from './wave-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'pinlab-wave-'))
afterAll(() => rmSync(folder, { recursive: true }))

const float = 1 << 16
const accepted: [string, WaveFile, number][] = [
  ['8 bits, mono', { bits: 8, channels: 1 }, 1 | (8 << 8)],
  ['16 bits, stereo', {}, 2 | (16 << 8)],
  ['24 bits, 3 channels', { bits: 24, channels: 3, data: new Uint8Array(90) }, 3 | (24 << 8)],
  ['32 bits', { bits: 32 }, 2 | (32 << 8)],
  ['float', { format: 3, bits: 32 }, 2 | (32 << 8) | float],
  ['double', { format: 3, bits: 64 }, 2 | (64 << 8) | float],
  ['extensible PCM', { subFormat: 1 }, 2 | (16 << 8)],
  ['extensible float', { subFormat: 3, bits: 32 }, 2 | (32 << 8) | float],
  ['odd chunks before the data', { before: [['LIST', new Uint8Array(7)]] }, 2 | (16 << 8)],
]

test.each(accepted)('a recording of %s is taken', async (_, file, format) => {
  const board = await openBoard({ recording: writeWave(join(folder, 'good.wav'), file) })
  expect(board.readUser(user.recordingBytes)).toBe(file.data?.length ?? 64)
  board.writeUser(user.adcControl, source.recording)
  expect(board.readUser(user.adcFormat)).toBe(format)
  board.writeUser(user.adcControl, source.sine)
  expect(board.readUser(user.adcFormat)).toBe(2 | (16 << 8))
})

const good = waveFile({})
const refused: [string, Uint8Array][] = [
  ['empty', new Uint8Array(0)],
  ['not a WAV', Buffer.from('this is a text, and not a recording at all')],
  ['cut in its data', good.subarray(0, good.length - 10)],
  ['cut in its format', good.subarray(0, 30)],
  ['without data', waveFile({ data: new Uint8Array(0) })],
  ['shorter than a frame', waveFile({ data: new Uint8Array(3) })],
  ['without channels', waveFile({ channels: 0 })],
  ['compressed', waveFile({ format: 0x55 })],
  ['of an unknown sub-format', waveFile({ subFormat: 0x55 })],
  ['of 40 bits', waveFile({ bits: 40 })],
  ['of 16-bit floats', waveFile({ format: 3 })],
  ['contradicting itself', waveFile({ blockAlign: 3 })],
  ['without a data chunk', Buffer.from(good.toString('latin1').replace('data', 'dada'), 'latin1')],
  ['without a format', Buffer.from(good.toString('latin1').replace('fmt ', 'fmx '), 'latin1')],
]

test.each(refused)('a recording that is %s is refused by name', async (_, bytes) => {
  const recording = join(folder, 'bad.wav')
  writeFileSync(recording, bytes)
  const error = await openBoard({ recording }).catch((thrown) => thrown)
  expect(error).toMatchObject({ statusName: 'WD_INVALID_PARAMETER', operation: 'openCard' })
  expect(error.message).toContain(recording)
})

test.each([
  ['missing', join(folder, 'missing.wav'), 'ENOENT'],
  ['a folder', folder, undefined],
  ['a device', '/dev/zero', undefined],
])('a recording that is %s is refused', async (_, recording, errno) => {
  const error = await openBoard({ recording }).catch((thrown) => thrown)
  expect(error).toMatchObject({ statusName: 'WD_INVALID_PARAMETER' })
  expect(error.errno).toBe(errno)
})

test('a board with a recording plays it after power-up and after reset', async () => {
  const recording = writeWave(join(folder, 'first.wav'), { channels: 1 })
  const board = await openBoard({ recording })
  expect(board.readUser(user.adcControl)).toBe(source.recording)
  board.writeUser(user.adcControl, source.square)
  await board.card.reset()
  expect(board.readUser(user.adcControl)).toBe(source.recording)
})
