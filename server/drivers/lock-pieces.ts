// Cuts a range of a lock into what an engine can be told of. Pure.

/**
 * A run of device addresses that lies within a page of the lock. Addresses are plain numbers here, since a long list is built for
 * each transfer: they are exact below 2^53, and hosts have at most 52 bits.
 */
export interface Piece {
  address: number
  byteLength: number
  /** The last piece of a block. */
  endsBlock: boolean
}

/** Cuts [offset, offset + byteLength) of a lock at the ends of its pages, of blocks, and of what an engine can move at once. */
export function cutIntoPieces(
  pages: readonly { address: bigint; byteLength: number }[],
  range: {
    offset: number
    byteLength: number
    blockByteLength: number
    maxPieceByteLength?: number
  },
): Piece[] {
  const { maxPieceByteLength = Number.POSITIVE_INFINITY } = range
  const pieces: Piece[] = []
  const end = range.offset + range.byteLength
  let pageStart = 0
  for (const page of pages) {
    const pageEnd = pageStart + page.byteLength
    const address = Number(page.address)
    let at = Math.max(pageStart, range.offset)
    while (at < Math.min(pageEnd, end)) {
      const done = at - range.offset
      const blockEnd = at + range.blockByteLength - (done % range.blockByteLength)
      const pieceEnd = Math.min(pageEnd, end, blockEnd, at + maxPieceByteLength)
      pieces.push({
        address: address + at - pageStart,
        byteLength: pieceEnd - at,
        endsBlock: pieceEnd === blockEnd || pieceEnd === end,
      })
      at = pieceEnd
    }
    pageStart = pageEnd
    if (pageStart >= end) break
  }
  return pieces
}
