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

/** Room for one capture that is being saved. */
export interface CaptureRoom {
  /** For so many bytes more. */
  grow(byteLength: number): Promise<void>
  /** To be called once the capture has its row, or has failed. */
  giveBack(): void
}

export class CaptureQuota {
  readonly #reserved = new Map<string, Reserved>()

  constructor(
    private readonly database: Database,
    readonly byteLength: number,
  ) {}

  /**
   * Looks while nobody writes, so that each capture is counted as saved, as reserved, or for a moment as both, but never not at all.
   * Throws PINLAB_CAPTURE_LIMIT, as growing does.
   */
  async reserve(owner: string, byteLength: number): Promise<CaptureRoom> {
    return this.database.write(async (tx) => {
      const saved = await sumCaptures(tx, owner)
      const reserved = this.#reserved.get(owner) ?? { byteLength: 0, captures: 0 }
      this.#checkBytes(byteLength, saved, reserved)
      checkCount(saved, reserved)
      reserved.byteLength += byteLength
      reserved.captures += 1
      this.#reserved.set(owner, reserved)
      return this.#roomOf(owner, reserved, byteLength)
    })
  }

  async used(owner: string): Promise<number> {
    return (await sumCaptures(this.database.reader, owner)).byteLength
  }

  #roomOf(owner: string, reserved: Reserved, byteLength: number): CaptureRoom {
    let own = byteLength
    return {
      grow: (more) =>
        this.database.write(async (tx) => {
          this.#checkBytes(more, await sumCaptures(tx, owner), reserved)
          reserved.byteLength += more
          own += more
        }),
      giveBack: () => {
        reserved.byteLength -= own
        reserved.captures -= 1
        if (reserved.captures === 0) this.#reserved.delete(owner)
      },
    }
  }

  #checkBytes(byteLength: number, saved: Reserved, reserved: Reserved): void {
    const used = saved.byteLength + reserved.byteLength
    if (used + byteLength > this.byteLength) {
      throw refused(
        `Your captures may come to ${this.byteLength} bytes; they have ${used}, and this one needs ${byteLength}. Delete some, or save less.`,
        { limit: this.byteLength, inUse: used },
      )
    }
  }
}

function checkCount(saved: Reserved, reserved: Reserved): void {
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

function refused(detail: string, members: { limit: number; inUse: number }): PinlabError {
  return new PinlabError('PINLAB_CAPTURE_LIMIT', detail, { members })
}
