// Time as the features see it, so that tests can step it.

export interface Clock {
  /** ms since the epoch. */
  now(): number
  /** Calls `tick` about every `periodMs`, never before the last call's promise has settled. Returns what ends it. */
  every(periodMs: number, tick: () => Promise<void> | void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  every(periodMs, tick) {
    let ended = false
    let timer: NodeJS.Timeout
    const next = () => {
      timer = setTimeout(async () => {
        await tick()
        if (!ended) next()
      }, periodMs)
      timer.unref()
    }
    next()
    return () => {
      ended = true
      clearTimeout(timer)
    }
  },
}
