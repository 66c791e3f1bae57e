// A real device for a driver's tests. They run where one is bound to vfio-pci and named by the environment: in the guest of
// tests/hardware, or on a machine of yours (what is on the device may be overwritten).

import { onTestFinished } from 'vitest'
import { allocatePages, type Card, type DmaLock, openCard } from '../../../native/index.ts'
import { dmaOptions } from '../../../server/contract/dma-options.ts'
import type { BoardDriver, TransferStart } from '../../../server/drivers/board-driver.ts'
import { drivers } from '../../../server/drivers/registry.ts'

/** PCI address of the device, or null after saying what is missing. */
export function deviceOf(variable: string): string | null {
  const address = process.env[variable]
  if (address) return address
  console.warn(`skipped: ${variable} does not name the PCI address of a device bound to vfio-pci`)
  return null
}

export interface OpenedDriver {
  card: Card
  driver: BoardDriver
  identity: Awaited<ReturnType<BoardDriver['identify']>>
}

export async function openDriver(
  kindName: string,
  address: string | null,
  { writable = true, fragmentation = 0 } = {},
): Promise<OpenedDriver> {
  const kind = drivers[kindName]
  if (!kind || !address) throw new Error(`there is no driver ${kindName}, or no device for it`)
  const { addressWidth } = kind
  const card = await openCard({ bus: 'vfio', address, addressWidth, fragmentation })
  onTestFinished(() => card.close())
  const driver = kind.create(card, { writable })
  return { card, driver, identity: await driver.identify() }
}

/** Scattered memory, from `offset` on in its first page. */
export function lockPages(card: Card, byteLength: number, offset = 0): Promise<DmaLock> {
  const bytes = allocatePages(byteLength + offset).subarray(offset, offset + byteLength)
  const options = dmaOptions.LARGE_BUFFER | dmaOptions.ALLOW_64BIT_ADDRESS
  return card.lockScatterGather(bytes, { options, maxPages: 1_048_576 })
}

/** All of a lock, once, at the board's beginning; `changes` say what is otherwise. */
export function startOf(
  channel: string,
  lock: DmaLock,
  changes: Partial<TransferStart> = {},
): TransferStart {
  const byteLength = lock.byteLength
  return {
    ...{ channel, lock, byteLength, mode: 'once', offset: 0, deviceAddress: 0n, timeoutMs: 0 },
    blockByteLength: changes.byteLength ?? byteLength,
    ...changes,
  }
}
