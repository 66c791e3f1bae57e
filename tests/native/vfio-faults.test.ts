// Accesses that the IOMMU refuses. The device does not notice; the kernel's log tells, and leaves lines out when many come at once.

import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Card, IommuFault } from '../../native/index.ts'
import { type EduDma, EduEngine } from '../contract/edu-engine.ts'
import { deviceOf, openDevice } from './vfio-board.ts'

const address = deviceOf('PINLAB_TEST_EDU')
const page = 4096
/** The kernel tells of ten faults in five seconds. */
const attempts = 60

/** Moves again and again until the kernel has told of a refused access. */
async function refusedAccess(card: Card, dma: EduDma): Promise<IommuFault> {
  const engine = new EduEngine(card)
  const faults: IommuFault[] = []
  const disarm = card.onFault((fault) => faults.push(fault))
  try {
    for (let attempt = 0; attempt < attempts; attempt++) {
      while (engine.isRunning()) await delay(5)
      engine.start(dma)
      while (engine.isRunning()) await delay(5)
      await delay(50)
      const [fault] = faults
      if (fault) return fault
    }
    throw new Error('the kernel told of no fault')
  } finally {
    disarm()
  }
}

describe.skipIf(address === null)('a DMA that is refused', () => {
  const small = { bufferOffset: 0, byteLength: 64 }

  test('where nothing is mapped: the fault has the address, the direction and the nearest lock', async () => {
    const card = await openDevice(address)
    card.setBusMaster(true)
    const lock = await card.lockContiguous(page)
    const behind = Number(lock.pages[0]?.address) + page
    const dma = { ...small, hostAddress: behind }
    for (const direction of ['fromDevice', 'toDevice'] as const) {
      expect(await refusedAccess(card, { ...dma, direction })).toMatchObject({
        address: BigInt(behind),
        direction,
        reason: 'unmapped',
        nearestHandle: lock.handle,
      })
    }
  })

  test("against a lock's direction: the fault says so, and the memory is as it was", async () => {
    const card = await openDevice(address)
    card.setBusMaster(true)
    const lock = await card.lockContiguous(page, { direction: 'toDevice' })
    lock.userBytes.fill(0x5a)
    const hostAddress = Number(lock.pages[0]?.address)
    const fault = await refusedAccess(card, { ...small, hostAddress, direction: 'fromDevice' })
    expect(fault).toMatchObject({
      address: BigInt(hostAddress),
      direction: 'fromDevice',
      reason: 'direction',
      nearestHandle: lock.handle,
    })
    expect(lock.userBytes.every((byte) => byte === 0x5a)).toBe(true)
  })
})
