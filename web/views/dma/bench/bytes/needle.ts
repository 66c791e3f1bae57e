// What somebody looks for, as typed: bytes, a number or a text, as the bytes and the mask of a search. Pure.

import { searchLimits } from '../../../../../server/contract/limits.ts'
import { parseWord } from '../../../../shared/parse.ts'
import type { SearchNeedle as Needle } from '../../../../state/byte-search.svelte.ts'

export const needleKinds = [
  { value: 'bytes', words: 'Bytes', example: 'DE AD ?? EF' },
  { value: 'value', words: 'Value', example: '1234 or 0x4D2' },
  { value: 'text', words: 'Text', example: 'any text' },
] as const
export type NeedleKind = (typeof needleKinds)[number]['value']

export const valueTypes = [
  'u8',
  'i8',
  'u16',
  'i16',
  'u32',
  'i32',
  'u64',
  'i64',
  'f32',
  'f64',
] as const
export type ValueType = (typeof valueTypes)[number]
export const encodings = ['utf-8', 'ascii', 'utf-16le'] as const
export type Encoding = (typeof encodings)[number]

export interface Typed {
  kind: NeedleKind
  text: string
  type: ValueType
  encoding: Encoding
  /** Of a value: a number whose bits say which of the value's must agree; empty for all. */
  mask: string
  /** A value is found only at multiples of its length. */
  aligned: boolean
  littleEndian: boolean
}

/** A string says what is wrong with what was typed. */
export function needleOf(typed: Typed): Needle | string {
  if (typed.text === '') return 'Type what to look for'
  const needle = { bytes: bytesNeedle, value: valueNeedle, text: textNeedle }[typed.kind](typed)
  if (typeof needle === 'string') return needle
  const most = searchLimits.needleByteLength
  return needle.bytes.length > most ? `At most ${most} bytes` : needle
}

const whole = (bytes: Uint8Array): Needle => ({
  bytes,
  mask: new Uint8Array(bytes.length).fill(0xff),
  alignment: 1,
})

/** A digit may be a ?, which stands for any. */
function bytesNeedle({ text }: Typed): Needle | string {
  const digits = text.replaceAll(/0x|[\s,_]/gi, '')
  if (!/^([\da-f?]{2})+$/i.test(digits)) return 'Two hexadecimal digits for each byte, ? for any'
  const octets = (plain: string) =>
    Uint8Array.from(plain.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  const mask = octets(digits.replaceAll(/[^?]/g, 'f').replaceAll('?', '0'))
  return { bytes: octets(digits.replaceAll('?', '0')), mask, alignment: 1 }
}

function valueNeedle({ text, type, mask, aligned, littleEndian }: Typed): Needle | string {
  const bits = Number(type.slice(1))
  const byteLength = bits / 8
  const bytes = valueBytes(text.trim(), type, littleEndian)
  if (!bytes) return `Not a number of the type ${type}`
  const needle = { ...whole(bytes), alignment: aligned ? byteLength : 1 }
  if (mask.trim() === '') return needle
  const word = parseWord(mask, bits)
  if (word === null) return `The mask is a number of ${bits} bits, like 0xFF00`
  return { ...needle, mask: wordBytes(word, byteLength, littleEndian) }
}

function valueBytes(text: string, type: ValueType, littleEndian: boolean): Uint8Array | null {
  const bits = Number(type.slice(1))
  if (type.startsWith('f')) {
    const value = Number(text)
    if (text === '' || (Number.isNaN(value) && text !== 'NaN')) return null
    const view = new DataView(new ArrayBuffer(bits / 8))
    if (bits === 32) view.setFloat32(0, value, littleEndian)
    else view.setFloat64(0, value, littleEndian)
    return new Uint8Array(view.buffer)
  }
  const isNegative = text.startsWith('-')
  const word = parseWord(isNegative ? text.slice(1) : text, bits)
  if (word === null) return null
  const half = 1n << BigInt(bits - 1)
  if (type.startsWith('u') ? isNegative && word > 0n : word > (isNegative ? half : half - 1n))
    return null
  return wordBytes(BigInt.asUintN(bits, isNegative ? -word : word), bits / 8, littleEndian)
}

function wordBytes(word: bigint, byteLength: number, littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, word, littleEndian)
  return new Uint8Array(view.buffer.slice(...(littleEndian ? [0, byteLength] : [8 - byteLength])))
}

function textNeedle({ text, encoding }: Typed): Needle | string {
  if (encoding === 'utf-8') return whole(new TextEncoder().encode(text))
  const units = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))
  if (encoding === 'utf-16le')
    return whole(Uint8Array.from(units.flatMap((u) => [u & 255, u >> 8])))
  return units.some((unit) => unit > 127) ? 'Not all of it is ASCII' : whole(Uint8Array.from(units))
}

/** Where the needle lies in what is known: the offset of the match that covers a byte, or null. The newest bytes count. */
export function matchStarts(
  { bytes, mask, alignment }: Needle,
  shown: { offset: number; byteLength: number },
  byteAt: (at: number) => number | undefined,
): number[] {
  const starts: number[] = []
  const first = Math.max(0, shown.offset - bytes.length + 1)
  for (let at = first; at < shown.offset + shown.byteLength; at++) {
    if (at % alignment === 0 && agrees(at)) starts.push(at)
  }
  return starts

  function agrees(at: number): boolean {
    for (let i = 0; i < bytes.length; i++) {
      const byte = byteAt(at + i)
      if (byte === undefined || (byte ^ (bytes[i] as number)) & (mask[i] as number)) return false
    }
    return true
  }
}
