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

/**
 * The newest blocks that are complete and lie next to one another in memory: the wanted number, or as many as there are. Never the
 * block being filled. Where the last completed one is too near the beginning of the ring, those at its end, of the lap before.
 */
function completedRun(ring: Ring, blocksCompleted: number, wanted: number): Window {
  const count = ring.byteLength / ring.blockByteLength
  const filling = blocksCompleted % count
  const last = (blocksCompleted - 1) % count
  const most = Math.min(wanted, Math.max(1, count - 1))
  const newest = { first: Math.max(0, last + 1 - most), end: last + 1 }
  const older = { first: Math.max(filling + 1, count - most), end: count }
  const isOlderLonger = older.end - older.first > newest.end - newest.first
  const { first, end } = blocksCompleted > count && isOlderLonger ? older : newest
  const offset = ring.offset + first * ring.blockByteLength
  return { offset, byteLength: (end - first) * ring.blockByteLength }
}

export interface SearchedWindow extends Window {
  follow: boolean
  stride: number
}

/** Memory in which a window of the asked length may lie anywhere, a whole number of strides from its beginning. */
export interface SearchRange extends Window {
  /** Whether the newest window is wanted, or the first. */
  which: 'newest' | 'first'
}

/**
 * Where a triggered window may lie: in the last completed blocks of a ring that the view follows, which are one more than the window
 * needs, or from the asked offset on. At most `places` windows, each a stride after the one before. Null: the window has no room.
 */
export function searchRange(
  asked: SearchedWindow,
  within: { ring: Ring | null; blocksCompleted: number; lockByteLength: number; places: number },
): SearchRange | null {
  const { ring, blocksCompleted, lockByteLength } = within
  const follows = asked.follow && ring !== null && blocksCompleted > 0
  const wanted = follows ? Math.ceil(asked.byteLength / ring.blockByteLength) + 1 : 0
  const memory = follows
    ? completedRun(ring, blocksCompleted, wanted)
    : { offset: asked.offset, byteLength: lockByteLength - asked.offset }
  // Channels lie as they do at the asked offset.
  const phase = (((asked.offset - memory.offset) % asked.stride) + asked.stride) % asked.stride
  const steps = Math.floor((memory.byteLength - phase - asked.byteLength) / asked.stride)
  if (steps < 0) return null
  const kept = Math.min(steps, within.places - 1)
  const skipped = follows ? steps - kept : 0
  return {
    offset: memory.offset + phase + skipped * asked.stride,
    byteLength: kept * asked.stride + asked.byteLength,
    which: follows ? 'newest' : 'first',
  }
}
