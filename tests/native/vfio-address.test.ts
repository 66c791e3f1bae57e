// Addresses behind which there is nothing to open. Any machine with PCI devices shows it; none of them is touched.

import { describe, expect, test } from 'vitest'
import { openCard } from '../../native/index.ts'
import { driverOf, pciDevices } from './pci-device.ts'

const open = (address: string) => openCard({ bus: 'vfio', address })
const driven = pciDevices().find((address) => ![null, 'vfio-pci'].includes(driverOf(address)))

describe('opening a PCI address', () => {
  test.each(['', '00:01.0', '0000:00:01.8', '0000:00:0g.0', '../../0000:00:01.0', '0000-00:01.0'])(
    '"%s" is none',
    async (address) => {
      await expect(open(address)).rejects.toMatchObject({
        statusName: 'WD_INVALID_PARAMETER',
        operation: 'openCard',
        message: expect.stringContaining('lspci -D'),
      })
    },
  )

  test('[WD_DEVICE_NOT_FOUND] of no device: how to find those that are there, or one that was removed', async () => {
    await expect(open('ffff:ff:1f.7')).rejects.toMatchObject({
      status: 0x2000_000f,
      statusName: 'WD_DEVICE_NOT_FOUND',
      operation: 'openCard',
      errno: 'ENOENT',
      help: expect.stringMatching(/`lspci -D`.*`echo 1 > \/sys\/bus\/pci\/rescan`/),
    })
  })

  test.skipIf(!driven)(
    '[WD_NO_DEVICE_OBJECT] of a device of another driver: whose it is, and how to bind it',
    async () => {
      const address = driven ?? ''
      await expect(open(address)).rejects.toMatchObject({
        status: 0x2000_0023,
        statusName: 'WD_NO_DEVICE_OBJECT',
        operation: 'openCard',
        message: expect.stringContaining(`bound to ${driverOf(address)}`),
        help: expect.stringContaining(`${address}/driver/unbind`),
      })
    },
  )

  test('capital letters are taken for small ones', async () => {
    const message = expect.stringContaining('ffff:ff:1f.7')
    await expect(open('FFFF:FF:1F.7')).rejects.toMatchObject({ message })
  })
})
