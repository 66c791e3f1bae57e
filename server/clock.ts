// Time as the features see it, so that tests can step it.

/** The wall clock was moved, by a person or after a sleep of the machine, by more than time passed. */
export interface ClockStep {
  /** When it was noticed, ms since the epoch, by the time that goes on. */
  at: number
  /** How far it was moved, ms; negative: back. */
  byMs: number
}

export interface Clock {
  /** ms since the epoch. After a step it goes on as before, so that nobody's lease ends early or late. */
  now(): number
  /** Null while the wall clock is trusted. */
  step(): ClockStep | null
  /** Takes the wall clock as it is now for right. */
  acceptStep(): void
  /** Calls `tick` about every `periodMs`, never before the last call's promise has settled. Returns what ends it. */
  every(periodMs: number, tick: () => Promise<void> | void): () => void
}

/** More than what a clock that is being disciplined is moved by at once. */
const smallestStepMs = 60_000

interface Times {
  /** Both in ms; the second never jumps. */
  wall(): number
  monotonic(): number
}

const systemTimes: Times = { wall: () => Date.now(), monotonic: () => performance.now() }

export class SystemClock implements Clock {
  /** Wall minus monotonic time. */
  #offset: number
  #step: ClockStep | null = null

  constructor(private readonly times: Times = systemTimes) {
    this.#offset = times.wall() - times.monotonic()
  }

  now(): number {
    const { wall, monotonic } = this.times
    const steady = monotonic() + this.#offset
    if (this.#step) return Math.round(steady)
    const byMs = wall() - steady
    if (Math.abs(byMs) > smallestStepMs) {
      this.#step = { at: steady, byMs }
      return Math.round(steady)
    }
    // Small corrections are followed.
    this.#offset += byMs
    return Math.round(steady + byMs)
  }

  step(): ClockStep | null {
    this.now()
    if (!this.#step) return null
    // It may have been put right meanwhile.
    const byMs = this.times.wall() - (this.times.monotonic() + this.#offset)
    if (Math.abs(byMs) <= smallestStepMs) this.#step = null
    else this.#step = { ...this.#step, byMs }
    return this.#step
  }

  acceptStep(): void {
    this.#offset = this.times.wall() - this.times.monotonic()
    this.#step = null
  }

  every(periodMs: number, tick: () => Promise<void> | void): () => void {
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
  }
}
