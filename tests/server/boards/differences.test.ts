// The list of differences against the plainest way to find them.

import { describe, expect, it } from 'vitest'
import { DifferenceList } from '../../../server/boards/differences.ts'

interface Range {
  offset: number
  byteLength: number
}

function plainly(left: Buffer, right: Buffer): Range[] {
  const ranges: Range[] = []
  left.forEach((byte, at) => {
    if (byte === right[at]) return
    const last = ranges.at(-1)
    if (last && last.offset + last.byteLength === at) last.byteLength++
    else ranges.push({ offset: at, byteLength: 1 })
  })
  return ranges
}

function compared(left: Buffer, right: Buffer, { piece = 10_000, limit = 1000, from = 0 } = {}) {
  const list = new DifferenceList(limit)
  for (let at = from; at < left.length; at += piece) {
    const end = Math.min(at + piece, left.length)
    // One buffer for all pieces, as the disk is read.
    const pieces = {
      left: Buffer.from(left.subarray(at, end)),
      right: Buffer.from(right.subarray(at, end)),
    }
    list.add(pieces, at)
    pieces.left.fill(0xee)
    pieces.right.fill(0xee)
  }
  return list
}

/** Two that differ in runs of many lengths, also over the ends of blocks and pieces. */
function twins() {
  const left = Buffer.from(Array.from({ length: 40_000 }, (_, n) => (n * 31) & 0xff))
  const right = Buffer.from(left)
  const runs = [
    [0, 1],
    [5, 3],
    [9, 1],
    [4090, 12],
    [9990, 4200],
    [20_000, 1],
    [29_999, 2],
    [39_999, 1],
  ]
  for (const [from = 0, length = 0] of runs) {
    for (let at = from; at < from + length; at++) right[at] = (left[at] ?? 0) ^ 0x5a
  }
  return { left, right, count: runs.reduce((sum, [, length = 0]) => sum + length, 0) }
}

describe('differences', () => {
  it.each([40_000, 10_000, 4096, 999])('are all found, in pieces of %i bytes', (piece) => {
    const { left, right, count } = twins()
    const list = compared(left, right, { piece })
    expect(list.ranges.map(({ offset, byteLength }) => ({ offset, byteLength }))).toEqual(
      plainly(left, right),
    )
    expect(list.byteLength).toBe(count)
    expect(list.count).toBe(list.ranges.length)
    expect(list.next).toBe(null)
    for (const range of list.ranges) {
      const end = range.offset + Math.min(16, range.byteLength)
      expect(range.left).toBe(left.toString('hex', range.offset, end))
      expect(range.right).toBe(right.toString('hex', range.offset, end))
    }
  })

  it('are counted beyond the limit, and go on where it was reached', () => {
    const { left, right, count } = twins()
    const all = plainly(left, right)
    for (let limit = 1; limit <= all.length; limit++) {
      const list = compared(left, right, { limit, piece: 999 })
      expect(list.ranges).toHaveLength(limit)
      expect(list.byteLength).toBe(count)
      expect(list.count).toBe(all.length)
      expect(list.next).toBe(all[limit]?.offset ?? null)
      if (list.next === null) continue
      const rest = compared(left, right, { from: list.next, piece: 999 })
      expect(rest.ranges.map(({ offset }) => offset)).toEqual(
        all.slice(limit).map(({ offset }) => offset),
      )
    }
  })

  it('of equals are none', () => {
    const { left } = twins()
    const list = compared(left, Buffer.from(left))
    expect([list.byteLength, list.ranges, list.next]).toEqual([0, [], null])
  })
})
