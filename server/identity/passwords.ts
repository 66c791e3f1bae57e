// Passwords: Argon2id, a few at a time, and none that everybody tries first.

import argon2 from 'argon2'
import { passwordLimits } from '../contract/limits.ts'
import { PinlabError } from '../errors.ts'

/** 64 MiB and three passes: well above OWASP's least, and 160 to 225 ms on two cores. */
const cost = { type: argon2.argon2id, memoryCost: 65_536, timeCost: 3, parallelism: 1 } as const
/** A hash of that cost which no password has. */
const nobodys = `$argon2id$v=19$m=${cost.memoryCost},t=${cost.timeCost},p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`
/** Each takes 64 MiB and a thread of the pool that DMA locks need too. */
const atOnce = 2
const mostWaiting = 50

export class Passwords {
  #running = 0
  readonly #waiting: (() => void)[] = []

  hash(password: string): Promise<string> {
    return this.#inTurn(() => argon2.hash(password, cost))
  }

  /** Without a hash it takes as long, so that the time does not tell who exists. */
  verify(hash: string | null, password: string): Promise<boolean> {
    return this.#inTurn(() => argon2.verify(hash ?? nobodys, password))
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= atOnce) {
      if (this.#waiting.length >= mostWaiting) {
        throw new PinlabError(
          'PINLAB_SERVER_BUSY',
          'Too many people are signing in. Try again shortly.',
        )
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else {
      this.#running += 1
    }
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      // The turn is handed on, so that nobody slips in between.
      if (next) next()
      else this.#running -= 1
    }
  }
}

let leaked: Promise<ReadonlySet<string>> | undefined

/** The 49,000 most used of leaked passwords; read when somebody first chooses one. */
async function leakedPasswords(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common')
  return new Set(dictionary['passwords-common'] as string[])
}

/** Refuses a password that is short, widely used, or the person's own name. */
export async function checkPassword(password: string, person: { login: string; name: string }) {
  const { shortest, advised } = passwordLimits
  const refuse = (why: string) => {
    throw new PinlabError('PINLAB_PASSWORD_WEAK', why)
  }
  if ([...password].length < shortest) {
    refuse(`Take at least ${shortest} characters; ${advised} or more are better.`)
  }
  const plain = password.toLowerCase()
  leaked ??= leakedPasswords()
  const list = await leaked
  if (list.has(plain) || list.has(plain.replace(/\d+$/, ''))) {
    refuse('This password is on the lists of leaked ones that are tried first. Take another.')
  }
  if (new Set(plain).size < 4) refuse('Take more than three different characters.')
  if (
    [person.login, person.name].some(
      (known) => plain.includes(known.toLowerCase()) && known.length > 3,
    )
  ) {
    refuse('Do not put your name into your password.')
  }
}
