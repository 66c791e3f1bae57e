// Time as the live feature sees it, so that tests can hold it still.

export interface LiveTimers {
  /** ms on a clock that never steps. */
  now(): number
  /** Runs once after `delayMs`; the answer cancels it. */
  after(delayMs: number, run: () => void): () => void
}

export const realTimers: LiveTimers = {
  now: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}
