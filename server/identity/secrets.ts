// Secrets that Pinlab gives out: 256 random bits each. Only their hashes are kept.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

export const newSecret = () => randomBytes(32).toString('base64url')

/** Fast on purpose: nobody guesses 256 random bits, so there is nothing to slow down. */
export const hashOf = (secret: string) => createHash('sha256').update(secret).digest('base64url')

/** Takes the same time wherever they differ. Both are hashes, of one length. */
export function sameHash(a: string, b: string): boolean {
  const [first, second] = [Buffer.from(a), Buffer.from(b)]
  return first.byteLength === second.byteLength && timingSafeEqual(first, second)
}
