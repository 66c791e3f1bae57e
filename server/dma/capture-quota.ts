// How much a person may save: what they have and what is being saved for them, together.

import { PinlabError } from '../errors.ts'
import type { Database } from '../plugins/database/database.ts'
import { sumCaptures } from './capture-store.ts'

/** Files of one person, however small: a disk has an end to those too. */
const mostCaptures = 1000
/** Each holds a piece of its bytes in the server's memory. */
const mostAtOnce = 4

interface Reserved {
  byteLength: number
  captures: number
}

export class CaptureQuota {
  readonly #reserved = new Map<string, Reserved>()

  constructor(
    private readonly database: Database,
    readonly byteLength: number,
  ) {}

  /**
   * Returns what gives the place back, to be called once the capture has its row, or has failed. Looks while nobody writes, so that
   * each capture is counted as saved, as reserved, or for a moment as both, but never not at all.
   */
  async reserve(owner: string, byteLength: number): Promise<() => void> {
    return this.database.write(async (tx) => {
      const saved = await sumCaptures(tx, owner)
      const reserved = this.#reserved.get(owner) ?? { byteLength: 0, captures: 0 }
      this.#check(byteLength, saved, reserved)
      reserved.byteLength += byteLength
      reserved.captures += 1
      this.#reserved.set(owner, reserved)
      return () => {
        reserved.byteLength -= byteLength
        reserved.captures -= 1
        if (reserved.captures === 0) this.#reserved.delete(owner)
      }
    })
  }

  async used(owner: string): Promise<number> {
    return (await sumCaptures(this.database.reader, owner)).byteLength
  }

  #check(byteLength: number, saved: Reserved, reserved: Reserved): void {
    const used = saved.byteLength + reserved.byteLength
    if (used + byteLength > this.byteLength) {
      throw refused(
        `Your captures may come to ${this.byteLength} bytes; they have ${used}, and this one needs ${byteLength}. Delete some, or save less.`,
        { limit: this.byteLength, inUse: used },
      )
    }
    if (reserved.captures >= mostAtOnce) {
      throw refused(`At most ${mostAtOnce} captures are saved for you at once. Wait for one.`, {
        limit: mostAtOnce,
        inUse: reserved.captures,
      })
    }
    const captures = saved.captures + reserved.captures
    if (captures >= mostCaptures) {
      throw refused(`You may have ${mostCaptures} captures. Delete some.`, {
        limit: mostCaptures,
        inUse: captures,
      })
    }
  }
}

function refused(detail: string, members: { limit: number; inUse: number }): PinlabError {
  return new PinlabError('PINLAB_CAPTURE_LIMIT', detail, { members })
}
