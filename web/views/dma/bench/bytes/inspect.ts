// What the bytes at the cursor mean, read as each kind of number, and where the board sees them.

import type { DmaPage } from '../../../../../server/contract/dma-session.ts'
import { formatHex } from '../../../../shared/format.ts'

export interface Reading {
  name: string
  value: string
}

const grouped = new Intl.NumberFormat('en')
const float = (value: number) => String(Number(value.toPrecision(7)))

type Read = (view: DataView, littleEndian: boolean) => string

const kinds: { name: string; byteLength: number; read: Read }[] = [
  { name: 'i8', byteLength: 1, read: (view) => grouped.format(view.getInt8(0)) },
  { name: 'u8', byteLength: 1, read: (view) => grouped.format(view.getUint8(0)) },
  { name: 'i16', byteLength: 2, read: (view, le) => grouped.format(view.getInt16(0, le)) },
  { name: 'u16', byteLength: 2, read: (view, le) => grouped.format(view.getUint16(0, le)) },
  { name: 'i32', byteLength: 4, read: (view, le) => grouped.format(view.getInt32(0, le)) },
  { name: 'u32', byteLength: 4, read: (view, le) => grouped.format(view.getUint32(0, le)) },
  { name: 'f32', byteLength: 4, read: (view, le) => float(view.getFloat32(0, le)) },
  { name: 'i64', byteLength: 8, read: (view, le) => grouped.format(view.getBigInt64(0, le)) },
  { name: 'f64', byteLength: 8, read: (view, le) => float(view.getFloat64(0, le)) },
]

/** As far as there are bytes. */
export function readings(bytes: Uint8Array, littleEndian: boolean): Reading[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return kinds
    .filter(({ byteLength }) => byteLength <= bytes.byteLength)
    .map(({ name, read }) => ({ name, value: read(view, littleEndian) }))
}

/** Null where the list of pages is not known that far. */
export function deviceAddressAt(pages: DmaPage[], offset: number): string | null {
  let start = 0
  for (const { address, byteLength } of pages) {
    if (offset < start + byteLength) return formatHex(BigInt(address) + BigInt(offset - start), 8)
    start += byteLength
  }
  return null
}
