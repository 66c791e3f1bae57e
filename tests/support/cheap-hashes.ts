// Argon2id at its least cost, for tests of what surrounds it. What it costs in earnest is shown in passwords.test.ts.

import argon2 from 'argon2'
import { afterAll, beforeAll, vi } from 'vitest'

const leastCost = { type: argon2.argon2id, memoryCost: 8, timeCost: 1, parallelism: 1 } as const

/** For all tests of the file that calls it. */
export function useCheapHashes(): void {
  const { hash, verify } = argon2
  beforeAll(() => {
    vi.spyOn(argon2, 'hash').mockImplementation(((password: string) =>
      hash(password, leastCost)) as unknown as typeof argon2.hash)
    vi.spyOn(argon2, 'verify').mockImplementation((digest, password) =>
      verify(digest.replace('m=65536,t=3', 'm=8,t=1'), password),
    )
  })
  afterAll(() => {
    vi.restoreAllMocks()
  })
}
