import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeRecording } from '../../scripts/make-recording.mjs'

const committed = readFileSync(join(import.meta.dirname, '../../recordings/two-tone.wav'))
const samples = committed.subarray(44)

test('the committed recording is what the script makes', () => {
  expect(makeRecording().equals(committed)).toBe(true)
})

test('it is 256 KiB of 16-bit stereo PCM', () => {
  expect(committed.toString('latin1', 0, 4)).toBe('RIFF')
  expect(committed.toString('latin1', 8, 16)).toBe('WAVEfmt ')
  expect(committed.readUInt16LE(20)).toBe(1)
  expect(committed.readUInt16LE(22)).toBe(2)
  expect(committed.readUInt32LE(24)).toBe(48_000)
  expect(committed.readUInt16LE(34)).toBe(16)
  expect(committed.readUInt32LE(40)).toBe(256 * 1024)
  expect(samples.byteLength).toBe(256 * 1024)
})

test('no two blocks of 64 KiB that begin at a multiple of 64 bytes are equal, in the loop', () => {
  const looped = Buffer.concat([samples, samples])
  const blocks = new Set<string>()
  for (let offset = 0; offset < samples.byteLength; offset += 64) {
    blocks.add(
      createHash('sha1')
        .update(looped.subarray(offset, offset + 65_536))
        .digest('base64'),
    )
  }
  expect(blocks.size).toBe(samples.byteLength / 64)
})

test.each([0, 1])('channel %i has no jump where the loop closes', (channel) => {
  const at = (frame: number) => samples.readInt16LE(((frame + 65_536) % 65_536) * 4 + channel * 2)
  const steps = [-3, -2, -1, 0, 1, 2].map((frame) => Math.abs(at(frame + 1) - at(frame)))
  expect(Math.max(...steps)).toBeLessThan(330)
})
