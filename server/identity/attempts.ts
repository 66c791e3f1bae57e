// How often somebody may try to sign in. Limits are short, so that nobody is locked out by another's attempts for good.

import { isIPv6 } from 'node:net'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { PinlabError } from '../errors.ts'

export const attemptLimits = {
  /** Failures of one account. */
  account: { points: 5, duration: 5 * 60 },
  /** All attempts from one address; an IPv6 customer owns a whole /64. */
  address: { points: 20, duration: 60 },
} as const

export class Attempts {
  readonly #accounts = new RateLimiterMemory(attemptLimits.account)
  readonly #addresses = new RateLimiterMemory(attemptLimits.address)

  /** Counts an attempt from this address. Throws PINLAB_SIGN_IN_TOO_MANY. */
  async from(address: string): Promise<void> {
    try {
      await this.#addresses.consume(networkOf(address))
    } catch (error) {
      throw tooMany(error, 'from this address')
    }
  }

  /** Counts before the password is looked at, so that many attempts at once count too. */
  async begin(login: string): Promise<void> {
    try {
      await this.#accounts.consume(login)
    } catch (error) {
      throw tooMany(error, 'for this account')
    }
  }

  async succeeded(login: string): Promise<void> {
    await this.#accounts.delete(login)
  }
}

/** What one customer of a provider has: an IPv4 address, or the first 64 bits of an IPv6 one. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = plain.split('::')
  const left = head.split(':').filter(Boolean)
  const right = (tail ?? '').split(':').filter(Boolean)
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length
  const groups = [...left, ...Array(Math.max(0, zeros)).fill('0'), ...right]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

function tooMany(error: unknown, what: string): unknown {
  if (!(error instanceof RateLimiterRes)) return error
  const seconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000))
  return new PinlabError(
    'PINLAB_SIGN_IN_TOO_MANY',
    `Too many attempts ${what}. Try again in ${seconds} s.`,
    { members: { retryAfterSeconds: seconds } },
  )
}
