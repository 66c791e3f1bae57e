// How long the event loop has to wait while 1 GiB is locked, against the longest that it waits by itself.

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { allocatePages, type Card, freePages, openCard } from '../native/index.ts'
import { dmaOptions } from '../server/contract/dma-options.ts'
import { type BenchRow, inPairs } from './bench-row.ts'

const byteLength = 1024 * 1024 * 1024
const pairs = 5
const options = {
  direction: 'fromDevice',
  options: dmaOptions.LARGE_BUFFER | dmaOptions.ALLOW_64BIT_ADDRESS,
  maxPages: 262_144,
} as const

export async function lockDelay(): Promise<BenchRow[]> {
  const card = await openCard({ bus: 'simulated', h2c: ['memory'], c2h: ['memory'] })
  try {
    const cold = await delays('cold', () => lockNew(card))
    const bytes = allocatePages(byteLength).fill(1)
    const resident = await delays('resident', () => lockOnce(card, bytes))
    freePages(bytes)
    return [cold, resident]
  } finally {
    await card.close()
  }
}

/** The idle loop is watched for as long as the lock before it took. */
async function delays(state: string, lock: () => Promise<LockDelay>): Promise<BenchRow> {
  let { lastedMs } = await lock()
  let most = 0
  const { floor } = await inPairs(
    pairs,
    async () => longestDelay(() => sleep(lastedMs)),
    async () => {
      const taken = await lock()
      lastedMs = taken.lastedMs
      most = Math.max(most, taken.longest)
      return taken.longest
    },
  )
  const name = `longest wait of the event loop while 1 GiB is locked, ${state}`
  return { name, floor: floor * 1e3, measured: most * 1e3, ratio: null, budget: 30, unit: 'ms' }
}

interface LockDelay {
  /** Seconds. */
  longest: number
  lastedMs: number
}

/** Pages that no one has touched yet. */
async function lockNew(card: Card): Promise<LockDelay> {
  const bytes = allocatePages(byteLength)
  const taken = await lockOnce(card, bytes)
  freePages(bytes)
  return taken
}

async function lockOnce(card: Card, bytes: Uint8Array): Promise<LockDelay> {
  const start = performance.now()
  const [longest, lock] = await watched(() => card.lockScatterGather(bytes, options))
  const lastedMs = performance.now() - start
  await lock.unlock()
  return { longest, lastedMs }
}

async function longestDelay(work: () => Promise<unknown>): Promise<number> {
  const [longest] = await watched(work)
  return longest
}

/** With the longest delay meanwhile, s, at a resolution of 1 ms. */
async function watched<T>(work: () => Promise<T>): Promise<[longest: number, result: T]> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  // What was done before in this turn does not count.
  await sleep(5)
  delay.reset()
  const result = await work()
  // A stall at the very end is seen by the timer that comes after it.
  await sleep(5)
  delay.disable()
  return [delay.max / 1e9, result]
}
