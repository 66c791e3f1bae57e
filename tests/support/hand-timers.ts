// Timers that run when the test says so.

import type { LiveTimers } from '../../server/live/live-timers.ts'

export class HandTimers implements LiveTimers {
  #now = 0
  #due: { at: number; run: () => void }[] = []

  now(): number {
    return this.#now
  }

  /** How many are waiting. */
  get pending(): number {
    return this.#due.length
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { at: this.#now + delayMs, run }
    this.#due.push(timer)
    return () => {
      this.#due = this.#due.filter((other) => other !== timer)
    }
  }

  /** Runs what falls due, in its order; what was started by a run has its microtasks done before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      const next = this.#due.toSorted((a, b) => a.at - b.at)[0]
      if (!next || next.at > end + 1e-6) break
      this.#due = this.#due.filter((timer) => timer !== next)
      this.#now = Math.max(this.#now, next.at)
      next.run()
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.#now = end
  }
}
