// A card of a real device for a driver's test. The guest of tests/hardware names the devices; elsewhere there are none.

import { onTestFinished } from 'vitest'
import { type Card, openCard } from '../../../native/index.ts'
import type { BoardDriver, TransferStart } from '../../../server/drivers/board-driver.ts'
import { drivers } from '../../../server/drivers/registry.ts'

/** PCI address of a device of this kind, or null where there is none: the suite is skipped then. */
export function realDevice(driver: 'edu' | 'nvme' | 'e1000e'): string | null {
  return process.env[`PINLAB_TEST_${driver.toUpperCase()}`] ?? null
}

export interface RealBoard {
  card: Card
  driver: BoardDriver
}

/** The device with its driver, identified; closed after the test. */
export async function openRealBoard(
  kind: 'edu' | 'nvme' | 'e1000e',
  { writable = false, fragmentation = 0 } = {},
): Promise<RealBoard> {
  const { create, addressWidth } = drivers[kind] ?? {}
  const address = realDevice(kind)
  if (!create || !addressWidth || !address) throw new Error(`there is no ${kind} here`)
  const card = await openCard({ bus: 'vfio', address, addressWidth, fragmentation })
  onTestFinished(() => card.close())
  const driver = create(card, { writable })
  await driver.identify()
  return { card, driver }
}

/** A transfer once over a whole lock, unless `more` says otherwise. */
export function whole(
  channel: string,
  lock: TransferStart['lock'],
  more: Partial<TransferStart> = {},
): TransferStart {
  return {
    channel,
    mode: 'once',
    lock,
    offset: 0,
    byteLength: lock.byteLength,
    deviceAddress: 0n,
    blockByteLength: lock.byteLength,
    timeoutMs: 0,
    ...more,
  }
}
