// Writes recordings/two-tone.wav, what the simulated ADC plays: 65,536 frames of two 16-bit channels, seamless when looped.
//
// Channel 1 is a tone whose loudness swells once a loop; channel 2 a pulse train whose edges ring. At a million frames a second a
// loop takes 65.5 ms and 64 KiB of it, a quarter, fill one view: some 24 cycles of the tone and 8 pulses.

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const frames = 65_536
const channels = 2
const nominalRate = 48_000
const bytesPerSample = 2
const fullScale = 32_767

const tone = { cycles: 97, level: 0.9, quietest: 0.12 }
const pulse = { period: 2_048, width: 717, from: 300, level: 0.46, ringPeriod: 48, ringDecay: 35 }

/** -1 … 1 at a frame of the loop. */
function toneAt(frame) {
  const turn = (2 * Math.PI * frame) / frames
  const swell = (1 - Math.cos(turn)) / 2
  return tone.level * (tone.quietest + (1 - tone.quietest) * swell) * Math.sin(tone.cycles * turn)
}

// The level before an edge gives way to the one after it as in a resonant circuit.
function pulseAt(frame) {
  const inPeriod = (frame - pulse.from + pulse.period) % pulse.period
  const high = inPeriod < pulse.width
  const sinceEdge = high ? inPeriod : inPeriod - pulse.width
  const ringing =
    Math.exp(-sinceEdge / pulse.ringDecay) * Math.cos((2 * Math.PI * sinceEdge) / pulse.ringPeriod)
  const level = high ? pulse.level : -pulse.level
  return level - 2 * level * ringing
}

/** The whole file, the same bytes each time. */
export function makeRecording() {
  const header = 44
  const frameBytes = channels * bytesPerSample
  const file = Buffer.alloc(header + frames * frameBytes)
  file.write('RIFF', 0, 'latin1')
  file.writeUInt32LE(file.byteLength - 8, 4)
  file.write('WAVEfmt ', 8, 'latin1')
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(1, 20) // PCM
  file.writeUInt16LE(channels, 22)
  file.writeUInt32LE(nominalRate, 24)
  file.writeUInt32LE(nominalRate * frameBytes, 28)
  file.writeUInt16LE(frameBytes, 32)
  file.writeUInt16LE(8 * bytesPerSample, 34)
  file.write('data', 36, 'latin1')
  file.writeUInt32LE(frames * frameBytes, 40)
  for (let frame = 0; frame < frames; frame += 1) {
    const at = header + frame * frameBytes
    file.writeInt16LE(Math.round(fullScale * toneAt(frame)), at)
    file.writeInt16LE(Math.round(fullScale * pulseAt(frame)), at + bytesPerSample)
  }
  return file
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const target = fileURLToPath(new URL('../recordings/two-tone.wav', import.meta.url))
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, makeRecording())
}
