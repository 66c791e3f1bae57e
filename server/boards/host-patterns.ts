// Patterns in locked memory: written, turned over, and compared with what is there. The lock is held meanwhile, so that it is not
// unlocked, and the event loop gets its turn after each piece.

import { fillPattern } from '../../native/index.ts'
import type { ByteSpan, HostComparison, PatternFill } from './device-host.ts'
import { DifferenceList } from './differences.ts'
import type { HeldLock } from './held-lock.ts'
import { coded } from './host-errors.ts'

const pieceByteLength = 512 * 1024
/** Ranges that are told with their bytes. */
const mostRanges = 100

export function fill(held: HeldLock, { pattern, seed, ...span }: PatternFill): Promise<void> {
  return holding(held, span, (bytes) => coded(() => fillPattern(bytes, pattern, seed)))
}

export function invert(held: HeldLock, span: ByteSpan): Promise<void> {
  return holding(held, span, async (bytes) => {
    for (let at = 0; at < bytes.byteLength; at += pieceByteLength) {
      invertPiece(bytes.subarray(at, at + pieceByteLength))
      await nextTurn()
    }
  })
}

/** Takes as much memory as the range is long, to make the pattern once more. */
export function compare(
  held: HeldLock,
  { pattern, seed, ...span }: PatternFill,
): Promise<HostComparison> {
  return holding(held, span, async (bytes) => {
    const expected = new Uint8Array(bytes.byteLength)
    await coded(() => fillPattern(expected, pattern, seed))
    const differences = new DifferenceList(mostRanges)
    for (let at = 0; at < bytes.byteLength; at += pieceByteLength) {
      const end = at + pieceByteLength
      const left = bufferOf(expected.subarray(at, end))
      const right = bufferOf(bytes.subarray(at, end))
      differences.add({ left, right }, span.offset + at)
      await nextTurn()
    }
    const first = differences.ranges.map(({ left, right, ...range }) => {
      return { ...range, expected: left, got: right }
    })
    return { ranges: differences.count, byteLength: differences.byteLength, first }
  })
}

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
  Buffer.from(buffer, byteOffset, byteLength)

async function holding<T>(
  { lock }: HeldLock,
  { offset, byteLength }: ByteSpan,
  work: (bytes: Uint8Array) => Promise<T>,
): Promise<T> {
  const hold = lock.hold('pattern')
  try {
    return await work(lock.userBytes.subarray(offset, offset + byteLength))
  } finally {
    hold.release()
  }
}

/** By words where they are aligned, which is four times as fast. */
function invertPiece(bytes: Uint8Array): void {
  const words = bytes.byteOffset % 4 === 0 ? bytes.byteLength >>> 2 : 0
  invertAll(new Uint32Array(bytes.buffer, words && bytes.byteOffset, words))
  invertAll(bytes.subarray(4 * words))
}

function invertAll(numbers: Uint8Array | Uint32Array): void {
  for (let i = 0; i < numbers.length; i++) numbers[i] = ~(numbers[i] ?? 0)
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))
