// Which bytes a request for data means. Pure.

import type { HostSearchRequest } from '../boards/device-host.ts'
import type { DataSearchRequest } from '../contract/data-search.ts'
import { maxDataByteLength } from '../contract/limits.ts'
import { PinlabError } from '../errors.ts'

export interface ByteRange {
  offset: number
  byteLength: number
}

/** The whole buffer without a Range header; one range with it (RFC 9110, 14.1.2). */
export function rangeOf(header: string | undefined, total: number): ByteRange {
  return header === undefined ? { offset: 0, byteLength: total } : parseRange(header, total)
}

/** The same, of at most 16 MiB. */
export function readableRange(header: string | undefined, total: number): ByteRange {
  const range = rangeOf(header, total)
  if (range.byteLength > maxDataByteLength) {
    throw new PinlabError(
      'PINLAB_DATA_TOO_LARGE',
      `${range.byteLength} bytes are more than ${maxDataByteLength} at once. Ask for parts with a Range header.`,
    )
  }
  return range
}

function parseRange(header: string, total: number): ByteRange {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim()) ?? []
  if (first === undefined || last === undefined || (first === '' && last === ''))
    throw badRange(header, total)
  if (first === '') {
    const byteLength = Math.min(Number(last), total)
    if (byteLength === 0) throw badRange(header, total)
    return { offset: total - byteLength, byteLength }
  }
  const offset = Number(first)
  const end = last === '' ? total : Math.min(Number(last) + 1, total)
  if (offset >= total || end <= offset) throw badRange(header, total)
  return { offset, byteLength: end - offset }
}

function badRange(header: string, total: number): PinlabError {
  return new PinlabError(
    'PINLAB_REQUEST_RANGE',
    `"${header}" is no range within ${total} bytes. Write bytes=FIRST-LAST.`,
    {
      members: { byteLength: total },
    },
  )
}

/** Refuses what does not lie within the lock. */
export function checkRange({ offset, byteLength }: ByteRange, total: number): void {
  if (offset + byteLength <= total) return
  throw new PinlabError(
    'PINLAB_REQUEST_RANGE',
    `Bytes ${offset} to ${offset + byteLength} are outside the lock of ${total} bytes.`,
    { members: { byteLength: total } },
  )
}

/** Without a mask every bit must agree. */
export function searchOf({ bytes, mask, ...range }: DataSearchRequest): HostSearchRequest {
  if (mask !== undefined && mask.length !== bytes.length) {
    throw new PinlabError(
      'PINLAB_REQUEST_INVALID',
      `The mask has ${mask.length / 2} bytes and what is looked for ${bytes.length / 2}; both are equally long.`,
    )
  }
  const octets = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
  return { ...range, bytes: octets(bytes), mask: octets(mask ?? 'ff'.repeat(bytes.length / 2)) }
}
