// Whether a frame can be trusted, and which block of the ring it shows.

import type { Transfer } from '../../../../server/contract/dma-session.ts'
import type { FrameHeader } from '../../../../server/contract/frame.ts'

/** "coherent · block 11 of 16", "may be torn". The block is told where a cyclic transfer fills the memory shown. */
export function coherence(header: FrameHeader, torn: boolean, filling: Transfer | null): string {
  const words = torn ? 'may be torn' : 'coherent'
  const block = filling && blockShown(header, filling)
  return block ? `${words} · block ${block.block} of ${block.of}` : words
}

function blockShown(header: FrameHeader, transfer: Transfer): { block: number; of: number } | null {
  const { blockByteLength, offset, byteLength, startedAt } = transfer
  // A paused picture may be older than the transfer that runs now.
  if (header.capturedAt < Date.parse(startedAt)) return null
  const within = header.offset - offset
  if (!blockByteLength || within < 0 || within >= byteLength) return null
  return {
    block: Math.floor(within / blockByteLength) + 1,
    of: Math.round(byteLength / blockByteLength),
  }
}
