// A part of a lock, as somebody types it. Pure.

import { maxCaptureByteLength } from '../../../../../server/contract/limits.ts'
import { formatBytes } from '../../../../shared/format.ts'
import { parseByteLength } from '../../../../shared/parse.ts'

interface Typed {
  offset: string
  byteLength: string
}

interface Checked {
  /** Null while something is wrong. */
  range: { offset: number; byteLength: number } | null
  faults: Partial<Record<keyof Typed, string>>
}

export function checkRange(typed: Typed, lockByteLength: number): Checked {
  const offset = parseByteLength(typed.offset)
  const byteLength = parseByteLength(typed.byteLength)
  const isFigure = 'a size, like 4096, 0x1000 or 4 KiB'
  const faults: Checked['faults'] = {}
  if (offset === null) faults.offset = isFigure
  else if (offset >= lockByteLength) faults.offset = `within ${formatBytes(lockByteLength)}`
  if (byteLength === null || byteLength === 0) faults.byteLength = isFigure
  else if (byteLength > maxCaptureByteLength) {
    faults.byteLength = `at most ${formatBytes(maxCaptureByteLength)}`
  } else if (offset !== null && offset < lockByteLength && offset + byteLength > lockByteLength) {
    faults.byteLength = `at most ${formatBytes(lockByteLength - offset)} from there`
  }
  const isFine = Object.keys(faults).length === 0
  return {
    range: isFine && offset !== null && byteLength !== null ? { offset, byteLength } : null,
    faults,
  }
}
