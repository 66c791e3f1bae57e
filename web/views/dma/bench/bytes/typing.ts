// What a typed key makes of the byte under the cursor. Pure.

import type { Span } from './cursor-moves.ts'
import type { ByteAt } from './hex-rows.ts'

export interface TypedByte {
  at: number
  byte: number
}

/**
 * A hexadecimal digit typed over a group: `digit` counts the group's digits as they are shown. Null for another key, or where the byte is not
 * known, of which the other half could not be kept.
 */
export function typedDigit(
  key: string,
  { digit, group, littleEndian }: { digit: number; group: Span; littleEndian: boolean },
  byteAt: ByteAt,
): TypedByte | null {
  if (!/^[\da-f]$/i.test(key)) return null
  const shown = Math.floor(digit / 2)
  const at = group.offset + (littleEndian ? group.byteLength - 1 - shown : shown)
  const byte = byteAt(at)
  if (byte === undefined) return null
  const half = Number.parseInt(key, 16)
  return { at, byte: digit % 2 === 0 ? (half << 4) | (byte & 15) : (byte & 240) | half }
}

/** A character of ASCII typed over the text. */
export function typedCharacter(key: string, at: number, byteAt: ByteAt): TypedByte | null {
  const isPrintable = key.length === 1 && key >= ' ' && key <= '~'
  return isPrintable && byteAt(at) !== undefined ? { at, byte: key.charCodeAt(0) } : null
}
