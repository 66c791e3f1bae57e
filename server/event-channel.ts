// Events between features: they only wake the listener; the database row is the truth.

export class EventChannel<T extends unknown[]> {
  readonly #listeners = new Set<(...event: T) => void>()

  /** Returns what ends the subscription. */
  on(listener: (...event: T) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  emit(...event: T): void {
    for (const listener of this.#listeners) listener(...event)
  }
}
