// Runs something at most once a period however often it is asked for, and always once more after the last time it was asked.

import type { LiveTimers } from './live-timers.ts'

export class Coalescer {
  #busy = false
  #again = false
  #stopped = false
  #cancel = () => {}

  constructor(
    private readonly timers: LiveTimers,
    private readonly periodMs: number,
    /** Never rejects. */
    private readonly run: () => void | Promise<void>,
    private readonly onIdle: () => void = () => {},
  ) {}

  poke(): void {
    if (this.#busy) this.#again = true
    else if (!this.#stopped) void this.#go()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  async #go(): Promise<void> {
    this.#busy = true
    this.#again = false
    const startedAt = this.timers.now()
    await this.run()
    if (this.#stopped) return
    const rest = Math.max(0, this.periodMs - (this.timers.now() - startedAt))
    this.#cancel = this.timers.after(rest, () => {
      this.#busy = false
      if (this.#again) this.poke()
      else this.onIdle()
    })
  }
}
