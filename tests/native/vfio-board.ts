// A real device for the tests of the VFIO bus, which run where one is named: in the guest of tests/hardware, as root.

import { chmodSync, chownSync } from 'node:fs'
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

export const nobody = 65_534

/** Gives a group's file to the group of `nobody`, until the end of the test. */
export function admit(file: string): void {
  chownSync(file, 0, nobody)
  chmodSync(file, 0o660)
  onTestFinished(() => {
    chmodSync(file, 0o600)
    chownSync(file, 0, 0)
  })
}
