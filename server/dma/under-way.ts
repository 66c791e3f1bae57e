// Work that a stopping server waits for.

export class UnderWay {
  readonly #work = new Set<Promise<unknown>>()

  async run<T>(work: Promise<T>): Promise<T> {
    this.#work.add(work)
    try {
      return await work
    } finally {
      this.#work.delete(work)
    }
  }

  /** Resolves when all that was under way has ended, however. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#work)
  }
}
