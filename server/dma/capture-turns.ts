// Work on captures that reads many bytes: so much at once for one person.

import { PinlabError } from '../errors.ts'

const mostAtOnce = 2

export class CaptureTurns {
  readonly #busy = new Map<string, number>()

  /** Throws PINLAB_CAPTURE_LIMIT. */
  async run<T>(person: string, work: () => Promise<T>): Promise<T> {
    const busy = this.#busy.get(person) ?? 0
    if (busy >= mostAtOnce) {
      throw new PinlabError(
        'PINLAB_CAPTURE_LIMIT',
        `At most ${mostAtOnce} captures are loaded or compared for you at once. Wait for one.`,
        { members: { limit: mostAtOnce, inUse: busy } },
      )
    }
    this.#busy.set(person, busy + 1)
    try {
      return await work()
    } finally {
      const left = (this.#busy.get(person) ?? 1) - 1
      if (left > 0) this.#busy.set(person, left)
      else this.#busy.delete(person)
    }
  }
}
