// An IOMMU group has one owner: a second one is refused, whether here or in another process.

import { describe, expect, test } from 'vitest'
import { openCard } from '../../native/index.ts'
import { inProcess } from './card-process.ts'
import { groupFile } from './pci-device.ts'
import { deviceOf, openDevice } from './vfio-board.ts'

const address = deviceOf('PINLAB_TEST_EDU')

describe.skipIf(address === null)('a group that is in use', () => {
  const inUse = () => ({
    status: 0x2000_000e,
    statusName: 'WD_RESOURCE_OVERLAP',
    operation: 'openCard',
    errno: 'EBUSY',
    help: expect.stringContaining(`fuser -v ${groupFile(address ?? '')}`),
  })

  test('[WD_RESOURCE_OVERLAP] is not opened again by its process, which keeps what it has', async () => {
    const card = await openDevice(address)
    const again = { bus: 'vfio', address: address ?? '' } as const
    await expect(openCard(again)).rejects.toMatchObject(inUse())
    expect(card.isOpen).toBe(true)
    expect(card.readRegister({ barIndex: 0, offset: 0, width: 32 })).toBe(0x0100_00ed)
  })

  test('is not opened by another process, until it is closed', async () => {
    const card = await openDevice(address)
    const open = () => inProcess(`await openCard({ bus: 'vfio', address: '${address}' })`)
    expect(await open()).toMatchObject({ refused: inUse() })
    await card.close()
    expect(await open()).toEqual({ refused: null, answer: null })
  })
})
