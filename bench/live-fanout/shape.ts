// What the live fan-out sends, and how its processes talk to each other.

export const viewers = 100
export const windowByteLength = 65_536
export const framesPerSecond = 60

/** The same clock in all processes of this machine, finer than Date.now(). */
export const now = () => performance.timeOrigin + performance.now()

/** CPU time so far in µs, or memory in use in bytes after a garbage collection. */
export type ServerQuestion = 'cpu' | 'memory'

export interface ClientOrder {
  url: string
  /** One more viewer that stops reading after its first frame. */
  withStalled: boolean
}

export interface Reception {
  frames: number
  /** From capture to reception, of all viewers but the stalled one. */
  p99Ms: number
}
