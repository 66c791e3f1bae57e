// A string that survives a reload. Where storage is forbidden it lives as long as the page.

export class Kept<T extends string> {
  #value = $state() as T

  constructor(
    private readonly key: string,
    fallback: T,
  ) {
    this.#value = fallback
    try {
      this.#value = (localStorage.getItem(key) as T | null) ?? fallback
    } catch {
      // Storage is forbidden; the fallback holds.
    }
  }

  get value(): T {
    return this.#value
  }

  set value(value: T) {
    this.#value = value
    try {
      localStorage.setItem(this.key, value)
    } catch {
      // As above.
    }
  }
}
