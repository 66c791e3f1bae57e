// Drives streams at their rates: one timer for each rate in use, and none while nobody watches.

import type { LiveTimers } from './live-timers.ts'

export class Pacer {
  readonly #beats = new Map<number, Beat>()

  constructor(private readonly timers: LiveTimers) {}

  /** Calls `tick` `rate` times a second until the answer is called. */
  add(rate: number, tick: () => void): () => void {
    let beat = this.#beats.get(rate)
    if (!beat) {
      beat = new Beat(this.timers, 1000 / rate)
      this.#beats.set(rate, beat)
    }
    const driven = beat
    driven.ticks.add(tick)
    return () => {
      driven.ticks.delete(tick)
      if (driven.ticks.size > 0 || this.#beats.get(rate) !== driven) return
      driven.stop()
      this.#beats.delete(rate)
    }
  }
}

class Beat {
  readonly ticks = new Set<() => void>()
  readonly #startedAt: number
  #count = 0
  #cancel: () => void

  constructor(
    private readonly timers: LiveTimers,
    private readonly periodMs: number,
  ) {
    this.#startedAt = timers.now()
    this.#cancel = this.#next()
  }

  stop(): void {
    this.#cancel()
  }

  /** The next whole period since the start that is still to come: late timers do not add up, and missed beats are not made up for. */
  #next(): () => void {
    const elapsed = this.timers.now() - this.#startedAt
    this.#count = Math.max(this.#count + 1, Math.floor(elapsed / this.periodMs) + 1)
    return this.timers.after(this.#count * this.periodMs - elapsed, () => {
      this.#cancel = this.#next()
      for (const tick of this.ticks) tick()
    })
  }
}
