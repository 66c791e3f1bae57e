// The rate of something that only grows, from counts seen now and then. Pure.

const windowMs = 1000
const longestMs = 10_000

export class RateMeter {
  #samples: { at: number; count: number }[] = []

  /** A count that shrank means that something else is counted now: the meter starts again. */
  add(at: number, count: number): void {
    const newest = this.#samples.at(-1)
    if (newest && count < newest.count) this.#samples = []
    this.#samples.push({ at, count })
    // One sample at or before the window's start is kept, so that the window is always whole.
    while (this.#samples.length > 2 && (this.#samples[1]?.at ?? at) <= at - windowMs) {
      this.#samples.shift()
    }
  }

  /** Counts per second; null until there is something to tell, 0 when nothing came for longer than usual. */
  perSecond(now: number): number | null {
    const first = this.#samples[0]
    const last = this.#samples.at(-1)
    if (!first || !last || last.at === first.at) return null
    const silent = now - last.at
    if (silent > Math.min(longestMs, Math.max(2 * windowMs, 3 * (last.at - first.at)))) return 0
    return ((last.count - first.count) * 1000) / (last.at - first.at)
  }
}
