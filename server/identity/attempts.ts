// How often somebody may try to sign in. Limits are short, so that nobody is locked out by another's attempts for good.

import { isIPv6 } from 'node:net'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { PinlabError } from '../errors.ts'

interface AttemptLimit {
  points: number
  /** Seconds. */
  duration: number
}

export const attemptLimits = {
  /** Failures of one account. */
  account: { points: 5, duration: 5 * 60 },
  /** All attempts from one address; an IPv6 customer owns a whole /64. */
  address: { points: 20, duration: 60 },
} as const

export class Attempts {
  readonly #accounts: RateLimiterMemory
  readonly #addresses: RateLimiterMemory

  constructor(limits: Record<keyof typeof attemptLimits, AttemptLimit> = attemptLimits) {
    this.#accounts = new RateLimiterMemory(limits.account)
    this.#addresses = new RateLimiterMemory(limits.address)
  }

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
  const plain = address.replace(/%.*$/, '')
  if (!isIPv6(plain)) return plain
  const groups = groupsOf(plain)
  const [high = 0, low = 0] = groups.slice(6)
  // ::ffff:a.b.c.d is an IPv4 client of a socket that listens on both.
  if (groups.slice(0, 6).join() === '0,0,0,0,0,65535') {
    return [high >> 8, high & 255, low >> 8, low & 255].join('.')
  }
  const network = groups.slice(0, 4).map((group) => group.toString(16))
  return `${network.join(':')}::/64`
}

/** The eight numbers of an IPv6 address. The parser of URLs knows all spellings, and writes one. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const [left, right] = [head, tail ?? ''].map((part) => part.split(':').filter(Boolean))
  const zeros = Array(8 - (left?.length ?? 0) - (right?.length ?? 0)).fill('0')
  return [...(left ?? []), ...zeros, ...(right ?? [])].map((group) => Number.parseInt(group, 16))
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
