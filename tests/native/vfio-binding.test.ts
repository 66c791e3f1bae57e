// A device that vfio-pci does not have: what is said is what brings it back.

import { describe, expect, onTestFinished, test } from 'vitest'
import { openCard } from '../../native/index.ts'
import { bindTo, doWhatHelps, driverOf } from './pci-device.ts'
import { deviceOf, openDevice } from './vfio-board.ts'

const address = deviceOf('PINLAB_TEST_NVME')

describe.skipIf(address === null)('a device that is not bound to vfio-pci', () => {
  test.each([
    ["the kernel's own driver", 'nvme', 'is bound to nvme, not to vfio-pci'],
    ['no driver', '', 'has no driver'],
  ])('%s has it: refused, and opened after what helps', async (_, driver, said) => {
    const at = address ?? ''
    onTestFinished(() => {
      if (driverOf(at) !== 'vfio-pci') bindTo(at, 'vfio-pci')
    })
    bindTo(at, driver)
    expect(driverOf(at)).toBe(driver || null)
    const refused = await openCard({ bus: 'vfio', address: at }).catch((error) => error)
    expect(refused).toMatchObject({
      status: 0x2000_0023,
      statusName: 'WD_NO_DEVICE_OBJECT',
      operation: 'openCard',
      message: expect.stringContaining(said),
    })
    doWhatHelps(refused.help)
    expect(driverOf(at)).toBe('vfio-pci')
    const card = await openDevice(at)
    expect(card.readConfig({ offset: 8, width: 32 }) >>> 8).toBe(0x01_0802)
  })
})
