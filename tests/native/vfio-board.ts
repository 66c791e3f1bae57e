// A real device for the tests of the VFIO bus, which run where one is named: in the guest of tests/hardware, as root.

import { onTestFinished } from 'vitest'
import type { Card } from '../../native/index.ts'
import { openWhenFree } from '../contract/vfio-bus.ts'

/** PCI address of the device, or null after saying what is missing. */
export function deviceOf(variable: string): string | null {
  const address = process.env[variable]
  if (address) return address
  console.warn(`skipped: ${variable} does not name the PCI address of a device bound to vfio-pci`)
  return null
}

/** Closed with the test. */
export async function openDevice(
  address: string | null,
  { addressWidth = 28, fragmentation = 0 } = {},
): Promise<Card> {
  const card = await openWhenFree({
    bus: 'vfio',
    address: address ?? '',
    addressWidth,
    fragmentation,
  })
  onTestFinished(() => card.close())
  return card
}
