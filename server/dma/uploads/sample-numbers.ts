// Numbers as text, put into memory as samples of a format.

import { type SampleFormat, sampleByteLength } from '../../contract/samples.ts'

interface Numbers {
  byteLength: number
  /** False: the text is no such number, or one that the format cannot hold. */
  read(bytes: Buffer, at: number, text: string): boolean
}

export function numbersOf(format: SampleFormat): Numbers {
  const byteLength = sampleByteLength[format]
  const isBig = format.endsWith('be')
  return { byteLength, read: format.startsWith('f') ? floats(byteLength, isBig) : whole(format) }
}

function whole(format: SampleFormat): Numbers['read'] {
  const byteLength = sampleByteLength[format]
  const isBig = format.endsWith('be')
  const isSigned = format.startsWith('i')
  const span = 2 ** (8 * byteLength)
  const least = isSigned ? -span / 2 : 0
  const most = isSigned ? span / 2 - 1 : span - 1
  return (bytes, at, text) => {
    const value = /^-?\d{1,10}$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= least && value <= most)) return false
    // Two's complement: a negative number has the bits of the one above the largest.
    const bits = value < 0 ? value + span : value
    if (isBig) bytes.writeUIntBE(bits, at, byteLength)
    else bytes.writeUIntLE(bits, at, byteLength)
    return true
  }
}

const number = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,4})?$/i
const others = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])

function floats(byteLength: number, isBig: boolean): Numbers['read'] {
  return (bytes, at, text) => {
    const value = number.test(text) ? Number(text) : others.get(text)
    if (value === undefined) return false
    if (byteLength === 4) isBig ? bytes.writeFloatBE(value, at) : bytes.writeFloatLE(value, at)
    else isBig ? bytes.writeDoubleBE(value, at) : bytes.writeDoubleLE(value, at)
    return true
  }
}
