// The first administrator: whoever can read the console or a file of the server's user may become it.

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { PinlabError } from '../errors.ts'
import { hashOf, newSecret, sameHash } from './secrets.ts'

const validMs = 60 * 60_000

export class SetUp {
  #due: { secretHash: string; endsAt: number } | null = null
  readonly #file: string

  constructor(
    dataFolder: string,
    private readonly clock: Clock,
  ) {
    this.#file = join(dataFolder, 'setup-token')
  }

  get isDue(): boolean {
    return this.#due !== null
  }

  /** Makes the token, for one hour, and leaves it in a file that only this user can read. */
  begin(): string {
    const secret = newSecret()
    this.#due = { secretHash: hashOf(secret), endsAt: this.clock.now() + validMs }
    rmSync(this.#file, { force: true })
    writeFileSync(this.#file, `${secret}\n`, { mode: 0o600, flag: 'wx' })
    return secret
  }

  /** Throws unless it is the token. */
  check(token: string): void {
    if (!this.#due) {
      throw new PinlabError('PINLAB_ROUTE_UNKNOWN', 'This lab has been set up.')
    }
    if (!sameHash(hashOf(token.trim()), this.#due.secretHash)) {
      throw new PinlabError(
        'PINLAB_SET_UP_TOKEN',
        "This is not the set-up token. The server's console and the file setup-token in its data folder have it.",
      )
    }
    if (this.#due.endsAt <= this.clock.now()) {
      throw new PinlabError(
        'PINLAB_SET_UP_TOKEN',
        'The set-up token has run out after an hour. Restart Pinlab for a new one.',
      )
    }
  }

  /** Somebody can sign in. */
  end(): void {
    this.#due = null
    rmSync(this.#file, { force: true })
  }
}
