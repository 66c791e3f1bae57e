// A comparison in words. Pure.

import type { Difference, Differences } from '../../../server/contract/capture.ts'
import { formatBytes, formatCount, formatHex, plural } from '../format.ts'

/** "1,024 of 4 KiB differ in 3 ranges." */
export function comparisonWords(found: Differences): string {
  const { leftByteLength, rightByteLength, differentByteLength, ranges, next } = found
  const compared = Math.min(leftByteLength, rightByteLength)
  const isSame = leftByteLength === rightByteLength
  const only = isSame ? '' : `, as far as the shorter one goes (${formatBytes(compared)})`
  if (differentByteLength === 0) return `No byte differs${only}.`
  const count = next === null ? plural(ranges.length, 'range') : 'many ranges'
  const bytes = plural(differentByteLength, 'byte differs', 'bytes differ')
  return `${bytes} of ${formatBytes(compared)}, in ${count}${only}.`
}

/** Its bytes on one side, in twos; "…" where there are more of them. */
export function bytesWords(hex: string, byteLength: number): string {
  const bytes = hex.toUpperCase().match(/../g) ?? []
  return byteLength > bytes.length ? `${bytes.join(' ')} …` : bytes.join(' ')
}

export const placeWords = ({ offset }: Difference): string => formatHex(offset, 5)
export const lengthWords = ({ byteLength }: Difference): string => `${formatCount(byteLength)} B`
