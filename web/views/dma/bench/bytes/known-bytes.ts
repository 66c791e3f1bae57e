// What is known of the memory shown: the newest frame, and when each of its bytes was last seen to change.

export interface BytesFrame {
  offset: number
  bytes: Uint8Array
}

export class KnownBytes {
  #frame: BytesFrame | null = null
  /** Of each byte of the frame, ms; 0: not seen to change. */
  #changedAt = new Float64Array(0)
  /** When any of it changed last. */
  newestChange = 0

  get offset(): number | null {
    return this.#frame?.offset ?? null
  }

  /** Bytes of the same place are compared, also where the window has moved over them. */
  accept(frame: BytesFrame, now: number): void {
    const changedAt = new Float64Array(frame.bytes.length)
    const before = this.#frame
    if (before) {
      const from = Math.max(frame.offset, before.offset)
      const end = Math.min(frame.offset + frame.bytes.length, before.offset + before.bytes.length)
      for (let at = from; at < end; at++) {
        const same = frame.bytes[at - frame.offset] === before.bytes[at - before.offset]
        const since = same ? (this.#changedAt[at - before.offset] ?? 0) : now
        changedAt[at - frame.offset] = since
        if (!same) this.newestChange = now
      }
    }
    this.#frame = frame
    this.#changedAt = changedAt
  }

  forget(): void {
    this.#frame = null
    this.newestChange = 0
  }

  byteAt = (at: number): number | undefined => this.#frame?.bytes[at - this.#frame.offset]

  changedAt(at: number): number {
    return (this.#frame && this.#changedAt[at - this.#frame.offset]) || 0
  }

  /** As far as they are known. */
  slice(at: number, byteLength: number): Uint8Array {
    const from = at - (this.#frame?.offset ?? 0)
    return this.#frame && from >= 0
      ? this.#frame.bytes.subarray(from, from + byteLength)
      : new Uint8Array(0)
  }
}

/** Steps in which the mark of a changed byte fades. */
export const heatSteps = 4
const fadeMs = 900

/** How fresh a change is, from `heatSteps` down to 0. Where motion is unwelcome it does not fade: it stays until something else changes. */
export function heatOf(
  known: KnownBytes,
  at: number,
  { now, fades }: { now: number; fades: boolean },
): number {
  const changedAt = known.changedAt(at)
  if (changedAt === 0) return 0
  if (!fades) return changedAt === known.newestChange ? heatSteps : 0
  return Math.max(0, heatSteps - Math.floor(((now - changedAt) * heatSteps) / fadeMs))
}

/**
 * The window that is asked for, three times what is shown, so that a little scrolling needs no new one: the one before for as long as it
 * holds what is shown.
 */
export function windowAround(
  shown: { offset: number; byteLength: number },
  end: number,
  before: { offset: number; byteLength: number } | null,
): { offset: number; byteLength: number } {
  const shownEnd = Math.min(end, shown.offset + shown.byteLength)
  if (before && before.offset <= shown.offset && shownEnd <= before.offset + before.byteLength)
    return before
  const offset = Math.max(0, shown.offset - shown.byteLength)
  return { offset, byteLength: Math.min(end, shown.offset + 2 * shown.byteLength) - offset }
}
