// Builds XDMA descriptor lists (PG195 "Descriptors") over the pages of a lock. Pure: no registers, no clocks.

import type { Piece } from './lock-pieces.ts'

export const descriptorByteLength = 32
/** The 28-bit length field, rounded down to what a C2H stream asks of a buffer. */
export const maxPieceByteLength = 2 ** 28 - 64
/** A block of adjacent descriptors; two of them fill a 4 KiB page, so that none crosses its boundary. */
const adjacentDescriptors = 64

const magic = 0xad4b_0000
const stop = 0x1
const completed = 0x2
const endOfPacket = 0x10

/** Bytes of descriptor memory for so many pieces; with room for the results that a C2H stream writes. */
export function listByteLength(pieceCount: number, withResults: boolean): number {
  return pieceCount * descriptorByteLength * (withResults ? 2 : 1)
}

/** How many descriptors follow the first one of the block that begins at `index`. */
export function adjacentAfter(index: number, pieceCount: number): number {
  return Math.min(adjacentDescriptors, pieceCount - index) - 1
}

export interface ListShape {
  direction: 'h2c' | 'c2h'
  kind: 'memory' | 'stream'
  cyclic: boolean
  /** Device address of the list's first byte; a multiple of 4096. */
  listAddress: number
  /** Card address of the first byte; memory channels only. */
  deviceAddress: number
}

/**
 * Writes the list, and zeroes the results behind it where there are any. `target` begins at a multiple of four bytes; words are
 * little-endian, as the bus and every host of ours are.
 */
export function writeDescriptors(
  target: Uint8Array,
  pieces: readonly Piece[],
  shape: ListShape,
): void {
  const words = new Uint32Array(target.buffer, target.byteOffset, target.byteLength >> 2)
  const { direction, kind, cyclic, listAddress } = shape
  const resultsAt = pieces.length * descriptorByteLength
  const results = hasResults(shape)
  if (results) target.fill(0, resultsAt, resultsAt * 2)
  let cardAddress = shape.deviceAddress
  pieces.forEach((piece, index) => {
    const isLast = index === pieces.length - 1
    const stops = isLast && !cyclic
    const next = isLast ? 0 : index + 1
    const endsAdjacent = !stops && (isLast || next % adjacentDescriptors === 0)
    const nextAdjacent = endsAdjacent ? adjacentAfter(next, pieces.length) : 0
    const flags =
      (piece.endsBlock ? completed : 0) |
      (stops ? stop | (direction === 'h2c' && kind === 'stream' ? endOfPacket : 0) : 0)
    const far = results ? listAddress + resultsAt + index * descriptorByteLength : cardAddress
    const at = (index * descriptorByteLength) >> 2
    words[at] = magic | (nextAdjacent << 8) | flags
    words[at + 1] = piece.byteLength
    writeAddress(words, at + 2, direction === 'h2c' ? piece.address : far)
    writeAddress(words, at + 4, direction === 'h2c' ? far : piece.address)
    writeAddress(words, at + 6, listAddress + next * descriptorByteLength)
    if (kind === 'memory') cardAddress += piece.byteLength
  })
}

function writeAddress(words: Uint32Array, at: number, address: number): void {
  words[at] = address
  words[at + 1] = address / 2 ** 32
}

/** A C2H stream says at each descriptor's source address how much it really wrote. */
export function hasResults({ direction, kind }: Pick<ListShape, 'direction' | 'kind'>): boolean {
  return direction === 'c2h' && kind === 'stream'
}

const resultMagic = 0x52b4

/** Bytes that a C2H stream wrote into the first `count` descriptors. */
export function sumResults(list: Uint8Array, pieceCount: number, count: number): number {
  const view = new DataView(list.buffer, list.byteOffset, list.byteLength)
  let sum = 0
  for (let index = 0; index < count; index++) {
    const at = (pieceCount + index) * descriptorByteLength
    if (view.getUint16(at + 2, true) === resultMagic) sum += view.getUint32(at + 4, true)
  }
  return sum
}
