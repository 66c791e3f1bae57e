// Which bytes a view shows, and whether the board may have written them meanwhile. Pure.

export interface Ring {
  offset: number
  byteLength: number
  blockByteLength: number
}

export interface Window {
  offset: number
  byteLength: number
}

/** The asked window; or, when it follows a ring that has completed a block, the same part of the last completed block. */
export function windowOf(
  asked: Window & { follow: boolean },
  ring: Ring | null,
  blocksCompleted: number,
): Window {
  if (!asked.follow || !ring || blocksCompleted === 0) {
    return { offset: asked.offset, byteLength: asked.byteLength }
  }
  const { blockByteLength } = ring
  const blocks = ring.byteLength / blockByteLength
  const start = ring.offset + ((blocksCompleted - 1) % blocks) * blockByteLength
  const within =
    (((asked.offset - ring.offset) % blockByteLength) + blockByteLength) % blockByteLength
  return {
    offset: start + within,
    byteLength: Math.min(asked.byteLength, blockByteLength - within),
  }
}

/**
 * Whether a block that the board was filling while the window was copied lies in the window: blocks `before` to `after`, counted
 * from the start of the transfer, were each being filled at some moment.
 */
export function mayBeTorn(
  window: Window,
  ring: Ring,
  blocks: { before: number; after: number },
): boolean {
  const count = ring.byteLength / ring.blockByteLength
  if (blocks.after - blocks.before >= count) return overlaps(window, ring)
  for (let block = blocks.before; block <= blocks.after; block++) {
    const offset = ring.offset + (block % count) * ring.blockByteLength
    if (overlaps(window, { offset, byteLength: ring.blockByteLength })) return true
  }
  return false
}

export function overlaps(a: Window, b: Window): boolean {
  return a.offset < b.offset + b.byteLength && b.offset < a.offset + a.byteLength
}
