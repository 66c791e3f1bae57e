// Makes WAV files for tests.

import { writeFileSync } from 'node:fs'

export interface WaveFile {
  format?: number
  channels?: number
  bits?: number
  blockAlign?: number
  data?: Uint8Array
  /** Sub-format of WAVE_FORMAT_EXTENSIBLE; given: the file is extensible. */
  subFormat?: number
  /** Chunks before `data`. */
  before?: [name: string, bytes: Uint8Array][]
}

function chunk(name: string, bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(8)
  head.write(name, 'latin1')
  head.writeUInt32LE(bytes.length, 4)
  return Buffer.concat([head, bytes, Buffer.alloc(bytes.length % 2)])
}

export function waveFile(file: WaveFile): Buffer {
  const { channels = 2, bits = 16, subFormat, data = new Uint8Array(64) } = file
  const format = Buffer.alloc(subFormat === undefined ? 16 : 40)
  format.writeUInt16LE(subFormat === undefined ? (file.format ?? 1) : 0xfffe, 0)
  format.writeUInt16LE(channels, 2)
  format.writeUInt32LE(48000, 4)
  format.writeUInt16LE(file.blockAlign ?? (channels * bits) / 8, 12)
  format.writeUInt16LE(bits, 14)
  if (subFormat !== undefined) {
    format.writeUInt16LE(22, 16)
    format.writeUInt16LE(subFormat, 24)
    Buffer.from('000000001000800000aa00389b71', 'hex').copy(format, 26)
  }
  const chunks = [
    chunk('fmt ', format),
    ...(file.before ?? []).map(([name, bytes]) => chunk(name, bytes)),
    chunk('data', data),
  ]
  const body = Buffer.concat([Buffer.from('WAVE'), ...chunks])
  return chunk('RIFF', body)
}

export function writeWave(path: string, file: WaveFile): string {
  writeFileSync(path, waveFile(file))
  return path
}
