// A group of which another driver has a device. In the guest it is the random number generator's, beside the network.

import { describe, expect, test } from 'vitest'
import { openCard } from '../../native/index.ts'
import { driverOf, groupOf, pciDevices } from './pci-device.ts'
import { deviceOf } from './vfio-board.ts'

const address = deviceOf('PINLAB_TEST_RNG')

describe.skipIf(address === null)('a group that is not viable', () => {
  test('[WD_RESOURCE_OVERLAP] is refused with the devices that stand in the way', async () => {
    const at = address ?? ''
    const neighbours = pciDevices().filter(
      (other) => other !== at && groupOf(other) === groupOf(at) && driverOf(other) !== null,
    )
    expect(neighbours).toHaveLength(1)
    const [neighbour] = neighbours
    await expect(openCard({ bus: 'vfio', address: at })).rejects.toMatchObject({
      status: 0x2000_000e,
      statusName: 'WD_RESOURCE_OVERLAP',
      operation: 'openCard',
      message: expect.stringContaining(`${neighbour} (virtio-pci)`),
      help: expect.stringContaining('/sys/bus/pci/devices/<address>/driver/unbind'),
    })
  })
})
