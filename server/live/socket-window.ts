// How many bytes one socket has sent and not had acknowledged. A long frame that waits for room is not overtaken by short ones.

export class SocketWindow {
  #bytesInFlight = 0
  #waiting: object | null = null

  constructor(private readonly limit: number) {}

  fits(byteLength: number): boolean {
    return this.#bytesInFlight + byteLength <= this.limit
  }

  /** Takes room for a frame, or answers false. The first that is refused is the next that is served. */
  take(taker: object, byteLength: number): boolean {
    if (this.#waiting && this.#waiting !== taker) return false
    if (!this.fits(byteLength)) {
      this.#waiting = taker
      return false
    }
    this.#waiting = null
    this.#bytesInFlight += byteLength
    return true
  }

  give(byteLength: number): void {
    this.#bytesInFlight -= byteLength
  }

  /** The taker is gone and waits no longer. */
  forget(taker: object): void {
    if (this.#waiting === taker) this.#waiting = null
  }
}
