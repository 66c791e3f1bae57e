// A transfer of 64 MiB to the simulated card, through the driver, against one thread's memcpy.

import { allocatePages, openCard } from '../native/index.ts'
import { dmaOptions } from '../server/contract/dma-options.ts'
import { XdmaDriver } from '../server/drivers/xdma.ts'
import { type BenchRow, inPairs, seconds } from './bench-row.ts'
import { type Floors, startFloors } from './floors/floors.ts'

const byteLength = 64 * 1024 * 1024

export async function simulatedTransfer(): Promise<BenchRow[]> {
  const floors = startFloors()
  try {
    return [
      await transfer(floors, {
        name: '64 MiB to the card, pages merged',
        fragmentation: 0,
        budget: 1 / 0.85,
      }),
      await transfer(floors, {
        name: '64 MiB to the card, in 4 KiB pages',
        fragmentation: 1,
        budget: 1 / 0.6,
      }),
    ]
  } finally {
    await floors.end()
  }
}

async function transfer(
  floors: Floors,
  { name, fragmentation, budget }: { name: string; fragmentation: number; budget: number },
): Promise<BenchRow> {
  const card = await openCard({ bus: 'simulated', h2c: ['memory'], c2h: ['memory'], fragmentation })
  try {
    const driver = new XdmaDriver(card)
    await driver.identify()
    const lock = await card.lockScatterGather(allocatePages(byteLength).fill(1), {
      direction: 'toDevice',
      options: dmaOptions.LARGE_BUFFER | dmaOptions.ALLOW_64BIT_ADDRESS,
      maxPages: 65_536,
    })
    const once = async () => {
      const started = await driver.start({
        channel: 'h2c0',
        mode: 'once',
        lock,
        offset: 0,
        byteLength,
        deviceAddress: 0n,
        blockByteLength: byteLength,
        timeoutMs: 0,
      })
      const { state, bytesCompleted } = await started.ended
      if (state !== 'done' || bytesCompleted !== byteLength) throw new Error(`${name}: ${state}`)
    }
    await once()
    const { floor, measured, ratio } = await inPairs(
      15,
      () => floors.take(`copy ${byteLength}`),
      () => seconds(once),
    )
    return { name, floor: floor * 1e3, measured: measured * 1e3, ratio, budget, unit: 'ms' }
  } finally {
    await card.close()
  }
}
