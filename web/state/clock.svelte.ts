// The time now, by the server's clock, as state that moves once a second.

class Clock {
  /** Server's time minus this browser's, ms. */
  #ahead = 0
  now = $state(Date.now())

  constructor() {
    const tick = () => this.#tick()
    if (typeof Worker === 'undefined') {
      setInterval(tick, 1000)
      return
    }
    const hand = new Worker(new URL('./second-hand.ts', import.meta.url), { type: 'module' })
    hand.onmessage = tick
    hand.onerror = () => setInterval(tick, 1000)
  }

  /** Countdowns follow the server: leases end by its clock. */
  setServerTime(iso: string): void {
    this.#ahead = Date.parse(iso) - Date.now()
    this.#tick()
  }

  /** The server's time at this moment, for figures that cannot wait for the next second. */
  read(): number {
    return Date.now() + this.#ahead
  }

  #tick(): void {
    this.now = this.read()
  }
}

export const clock = new Clock()
