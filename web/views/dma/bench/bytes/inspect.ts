// What the bytes at the cursor mean, read as each kind of number, and where the board sees them.

import type { DmaPage } from '../../../../../server/contract/dma-session.ts'
import { formatHex } from '../../../../shared/format.ts'

export interface Reading {
  name: string
  value: string
}

/** Bytes that the longest kind takes. */
export const longestReading = 8

const grouped = new Intl.NumberFormat('en')
const float = (value: number) => String(Number(value.toPrecision(7)))

type Read = (view: DataView, littleEndian: boolean) => string

const kinds: { name: string; byteLength: number; read: Read }[] = [
  { name: 'binary', byteLength: 1, read: (view) => view.getUint8(0).toString(2).padStart(8, '0') },
  { name: 'character', byteLength: 1, read: (view) => character(view.getUint8(0)) },
  { name: 'i8', byteLength: 1, read: (view) => grouped.format(view.getInt8(0)) },
  { name: 'u8', byteLength: 1, read: (view) => grouped.format(view.getUint8(0)) },
  { name: 'i16', byteLength: 2, read: (view, le) => grouped.format(view.getInt16(0, le)) },
  { name: 'u16', byteLength: 2, read: (view, le) => grouped.format(view.getUint16(0, le)) },
  { name: 'i32', byteLength: 4, read: (view, le) => grouped.format(view.getInt32(0, le)) },
  { name: 'u32', byteLength: 4, read: (view, le) => grouped.format(view.getUint32(0, le)) },
  { name: 'i64', byteLength: 8, read: (view, le) => grouped.format(view.getBigInt64(0, le)) },
  { name: 'u64', byteLength: 8, read: (view, le) => grouped.format(view.getBigUint64(0, le)) },
  { name: 'f16', byteLength: 2, read: (view, le) => float(halfFloat(view.getUint16(0, le))) },
  { name: 'bf16', byteLength: 2, read: (view, le) => float(brainFloat(view.getUint16(0, le))) },
  { name: 'f32', byteLength: 4, read: (view, le) => float(view.getFloat32(0, le)) },
  { name: 'f64', byteLength: 8, read: (view, le) => float(view.getFloat64(0, le)) },
  {
    name: 'time, s',
    byteLength: 4,
    read: (view, le) => time(BigInt(view.getUint32(0, le)), 1000n),
  },
  { name: 'time, s 64', byteLength: 8, read: (view, le) => time(view.getBigInt64(0, le), 1000n) },
  { name: 'time, ms 64', byteLength: 8, read: (view, le) => time(view.getBigInt64(0, le), 1n) },
]

/** As far as there are bytes. */
export function readings(bytes: Uint8Array, littleEndian: boolean): Reading[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return kinds
    .filter(({ byteLength }) => byteLength <= bytes.byteLength)
    .map(({ name, read }) => ({ name, value: read(view, littleEndian) }))
}

const controlNames =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US SP'.split(
    ' ',
  )

function character(byte: number): string {
  if (byte > 127) return 'not ASCII'
  return byte === 127 ? 'DEL' : (controlNames[byte] ?? String.fromCharCode(byte))
}

/** IEEE 754 binary16: 1 sign bit, 5 of exponent, 10 of fraction. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}

/** The upper half of an f32. */
function brainFloat(bits: number): number {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint32(0, bits * 0x10000)
  return view.getFloat32(0)
}

/** Of what a Date reaches. */
const furthestMs = 8_640_000_000_000_000n

function time(count: bigint, msEach: bigint): string {
  const ms = count * msEach
  if (ms > furthestMs || ms < -furthestMs) return 'no time'
  return new Date(Number(ms)).toISOString().replace('T', ' ').replace('.000Z', 'Z')
}

/** Null where the list of pages is not known that far. */
export function deviceAddressAt(pages: DmaPage[], offset: number): string | null {
  const address = addressAt(pages, offset)
  return address === null ? null : formatHex(address, 8)
}

function addressAt(pages: DmaPage[], offset: number): bigint | null {
  let start = 0
  for (const { address, byteLength } of pages) {
    if (offset < start + byteLength) return BigInt(address) + BigInt(offset - start)
    start += byteLength
  }
  return null
}

/** Digits of the highest device address, at least eight. */
export function addressDigits(pages: DmaPage[]): number {
  const lengths = pages.map(({ address, byteLength }) => {
    return (BigInt(address) + BigInt(byteLength - 1)).toString(16).length
  })
  return Math.max(8, ...lengths)
}

/** As the gutter writes it: digits only; dots where it is not known. */
export function gutterAddress(pages: DmaPage[], offset: number, digits: number): string {
  const address = addressAt(pages, offset)
  return address === null
    ? '·'.repeat(digits)
    : address.toString(16).toUpperCase().padStart(digits, '0')
}
