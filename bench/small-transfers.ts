// Transfers of 4 KiB through the driver, completed by interrupt, against two threads that wake each other.

import { allocatePages, openCard } from '../native/index.ts'
import { dmaOptions } from '../server/contract/dma-options.ts'
import { XdmaDriver } from '../server/drivers/xdma.ts'
import { type BenchRow, inPairs, seconds } from './bench-row.ts'
import { type Floors, startFloors } from './floors/floors.ts'

const pageByteLength = 4096
const rounds = 500

export async function smallTransfers(): Promise<BenchRow[]> {
  const floors = startFloors()
  try {
    const alone = await transfers(floors, 1)
    const queued = await transfers(floors, 32)
    return [
      { ...alone, budget: 2.5 },
      // 100,000 a second.
      { ...queued, ratio: null, budget: 10 },
    ]
  } finally {
    await floors.end()
  }
}

/** `depth`: how many the engine is given at once. Each page is a descriptor of its own; the last one's interrupt tells. */
async function transfers(floors: Floors, depth: number): Promise<Omit<BenchRow, 'budget'>> {
  const card = await openCard({
    bus: 'simulated',
    h2c: ['memory'],
    c2h: ['memory'],
    fragmentation: 1,
  })
  try {
    const driver = new XdmaDriver(card)
    await driver.identify()
    const byteLength = depth * pageByteLength
    const lock = await card.lockScatterGather(allocatePages(byteLength).fill(1), {
      direction: 'toDevice',
      options: dmaOptions.ALLOW_64BIT_ADDRESS,
    })
    const request = { channel: 'h2c0', mode: 'once', lock, offset: 0, byteLength } as const
    const rest = { deviceAddress: 0n, blockByteLength: byteLength, timeoutMs: 0 }
    const many = async () => {
      for (let round = 0; round < rounds; round++) {
        const { ended } = await driver.start({ ...request, ...rest })
        const { state } = await ended
        if (state !== 'done') throw new Error(`a transfer of 4 KiB: ${state}`)
      }
    }
    await many()
    const { floor, measured, ratio } = await inPairs(
      9,
      () => floors.take(`ping ${rounds}`),
      () => seconds(many),
    )
    return {
      name: `4 KiB to the card by interrupt, ${depth} at once, each`,
      floor: (floor / rounds) * 1e6,
      measured: (measured / rounds / depth) * 1e6,
      ratio,
      unit: 'µs',
    }
  } finally {
    await card.close()
  }
}
