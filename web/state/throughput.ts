// Bytes of each of the last seconds. Pure.

const secondsKept = 300

export class Throughput {
  /** By whole second since the epoch. */
  readonly #bytes = new Map<number, number>()

  /** Bytes that came at some time between `from` and `to`, ms: they are spread evenly. */
  add({ from, to, bytes }: { from: number; to: number; bytes: number }): void {
    if (bytes <= 0) return
    const end = Math.max(to, from + 1)
    const newest = Math.ceil(end / 1000) - 1
    for (const second of this.#bytes.keys()) {
      if (second <= newest - secondsKept) this.#bytes.delete(second)
    }
    const first = Math.max(Math.floor(from / 1000), newest - secondsKept + 1)
    for (let second = first; second <= newest; second++) {
      const within = Math.min(end, (second + 1) * 1000) - Math.max(from, second * 1000)
      const share = (bytes * within) / (end - from)
      this.#bytes.set(second, (this.#bytes.get(second) ?? 0) + share)
    }
  }

  /** Of the whole seconds before `now`. */
  series(now: number): { seconds: number[]; rates: number[] } {
    const end = Math.floor(now / 1000)
    const seconds = Array.from({ length: secondsKept }, (_, n) => end - secondsKept + n)
    return { seconds, rates: seconds.map((second) => this.#bytes.get(second) ?? 0) }
  }
}
