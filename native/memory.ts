// Memory apart from any card: whole pages, patterns, search, limits.

import { addon } from './addon.ts'
import { invalid } from './errors.ts'
import type { FillPattern, FindRange, HostLimits, Needle } from './surface.ts'

/** Zeroed whole pages, not inherited by fork. Given back by `freePages`, or when collected. */
export function allocatePages(byteLength: number): Uint8Array {
  return addon.allocatePages(byteLength)
}

/**
 * Gives back now what `allocatePages` returned, and detaches it. WD_TRY_AGAIN while any lock covers
 * a part of it.
 */
export function freePages(bytes: Uint8Array): void {
  addon.freePages(bytes)
}

/**
 * Fills memory off the event loop. `zero`; `counter`: u32 little-endian 0, 1, 2, ...; `prbs31`: the
 * bits of x^31 + x^28 + 1, lowest bit of each byte first; `random`: splitmix64. The same seed (0 to
 * 2^53 - 1) gives the same bytes.
 */
export async function fillPattern(
  bytes: Uint8Array,
  pattern: FillPattern,
  seed: number,
): Promise<void> {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw invalid('fillPattern', 'the seed is a whole number')
  }
  await addon.fillPattern(bytes, pattern, seed)
}

/**
 * The offsets at which the needle lies whole in the memory, which may change meanwhile. Off the event loop, for as long as it
 * takes: give it a part at a time.
 */
export async function findBytes(
  memory: Uint8Array,
  { bytes, mask }: Needle,
  { from, end, alignment, limit, backward }: FindRange,
): Promise<number[]> {
  return [...(await addon.findBytes(memory, bytes, mask, from, end, alignment, limit, backward))]
}

export function hostLimits(): HostLimits {
  const [memlockSoftByteLength, memlockHardByteLength, lockedByteLength] = addon.hostLimits()
  return { memlockSoftByteLength, memlockHardByteLength, lockedByteLength }
}

/** The name of a WD status, e.g. `WD_TRY_AGAIN`; `WD_UNRECOGNIZED` for a number that is none. */
export function wdStatusName(status: number): string {
  return addon.statusName(status)
}

/** The text of a WD status, e.g. `Try again`. */
export function wdStatusText(status: number): string {
  return addon.statusText(status)
}
