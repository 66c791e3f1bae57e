// A clock that stands still until a test steps it.

import type { Clock, ClockStep } from '../../server/clock.ts'

interface Ticker {
  periodMs: number
  next: number
  tick: () => Promise<void> | void
}

export class FakeClock implements Clock {
  readonly #tickers = new Set<Ticker>()
  #now = Date.parse('2027-01-11T14:00:00Z')
  #step: ClockStep | null = null

  now(): number {
    return this.#now
  }

  step(): ClockStep | null {
    return this.#step
  }

  /** The wall clock is moved; the time that goes on is not. */
  moveWall(byMs: number): void {
    this.#step = { at: this.#now, byMs }
  }

  acceptStep(): void {
    this.#now += this.#step?.byMs ?? 0
    this.#step = null
  }

  every(periodMs: number, tick: () => Promise<void> | void): () => void {
    const ticker = { periodMs, next: this.#now + periodMs, tick }
    this.#tickers.add(ticker)
    return () => this.#tickers.delete(ticker)
  }

  /** Goes forward in one step; each ticker that is due ticks once and is waited for. */
  async advance(ms: number): Promise<void> {
    this.#now += ms
    for (const ticker of this.#tickers) {
      if (ticker.next > this.#now) continue
      ticker.next = this.#now + ticker.periodMs
      await ticker.tick()
    }
  }

  /** Each ticker ticks once more, at the same time. */
  async tick(): Promise<void> {
    for (const ticker of this.#tickers) await ticker.tick()
  }
}
