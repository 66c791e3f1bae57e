// Locking and unlocking memory against a C loop that does the same with nothing around it.

import { allocatePages, type Card, openCard } from '../native/index.ts'
import { dmaOptions } from '../server/contract/dma-options.ts'
import { type BenchRow, inPairs, seconds } from './bench-row.ts'
import { startFloors } from './floors/floors.ts'

const KiB = 1024
const MiB = 1024 * KiB
/** As native/core does it. */
const chunk = 4 * MiB
const options = {
  direction: 'fromDevice',
  options: dmaOptions.LARGE_BUFFER | dmaOptions.ALLOW_64BIT_ADDRESS,
  maxPages: 65_536,
} as const

export async function lockAndUnlock(): Promise<BenchRow[]> {
  const floors = startFloors()
  const card = await openCard({ bus: 'simulated', h2c: ['memory'], c2h: ['memory'] })
  const large = allocatePages(64 * MiB).fill(1)
  const small = allocatePages(4 * KiB).fill(1)
  try {
    await lockOnce(card, large)
    const big = await inPairs(
      15,
      () => floors.take(`lock ${64 * MiB} ${chunk}`),
      () => seconds(() => lockOnce(card, large)),
    )
    const little = await inPairs(
      200,
      () => floors.take(`lock ${4 * KiB} ${chunk}`),
      () => seconds(() => lockOnce(card, small)),
    )
    return [
      row('lock + unlock, 64 MiB resident', big, { scale: 1e3, unit: 'ms', budget: 1.15 }),
      {
        ...row('lock + unlock, 4 KiB', little, { scale: 1e6, unit: 'µs', budget: 150 }),
        ratio: null,
      },
    ]
  } finally {
    await card.close()
    await floors.end()
  }
}

async function lockOnce(card: Card, bytes: Uint8Array): Promise<void> {
  const lock = await card.lockScatterGather(bytes, options)
  await lock.unlock()
}

function row(
  name: string,
  { floor, measured, ratio }: { floor: number; measured: number; ratio: number },
  { scale, unit, budget }: { scale: number; unit: string; budget: number },
): BenchRow {
  return { name, floor: floor * scale, measured: measured * scale, ratio, budget, unit }
}
