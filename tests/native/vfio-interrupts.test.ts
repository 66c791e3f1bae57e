// The three ways in which a PCI device interrupts: MSI-X, MSI and, where these are not to be had, INTx.

import { describe, expect, onTestFinished, test } from 'vitest'
import type { Card } from '../../native/index.ts'
import { messageKinds, writeAttribute } from './pci-device.ts'
import { deviceOf, openDevice } from './vfio-board.ts'

const edu = deviceOf('PINLAB_TEST_EDU')
const e1000e = deviceOf('PINLAB_TEST_E1000E')

const register = (offset: number) => ({ barIndex: 0, offset, width: 32 }) as const
const timeoutMs = 20_000

/** Registers of edu: what is raised stays until it is acknowledged. */
const status = register(0x24)
const raise = register(0x60)
const acknowledge = register(0x64)
/** What a test before has left raised. */
const everything = 0xffff_ffff

/** Opened so that it may send: a message is a DMA. */
async function openMaster(address: string | null): Promise<Card> {
  const card = await openDevice(address)
  card.setBusMaster(true)
  return card
}

describe.skipIf(edu === null)('interrupts of edu', () => {
  test('MSI: each message is counted, acknowledged or not', async () => {
    const card = await openMaster(edu)
    card.writeRegister(acknowledge, everything)
    expect(messageKinds(edu ?? '')).toEqual(['msi'])
    const interrupt = card.enableInterrupt(0)
    for (let raised = 1; raised <= 3; raised++) {
      card.writeRegister(raise, 1 << raised)
      await interrupt.wait({ timeoutMs })
      expect(interrupt.total).toBe(raised)
    }
    expect(card.readRegister(status)).toBe(0b1110)
    card.writeRegister(acknowledge, 0b1110)
    await expect(interrupt.wait({ timeoutMs: 1 })).rejects.toMatchObject({
      statusName: 'WD_TIME_OUT_EXPIRED',
    })
  })

  test('INTx, where MSI is forbidden: the line is masked until it was serviced, and the next one comes', async () => {
    writeAttribute(edu ?? '', 'msi_bus', '0')
    onTestFinished(() => writeAttribute(edu ?? '', 'msi_bus', '1'))
    const card = await openDevice(edu)
    card.writeRegister(acknowledge, everything)
    expect([messageKinds(edu ?? ''), card.vectorCount]).toEqual([[], 1])
    let seen = 0
    card.onInterrupt(0, () => {
      seen |= card.readRegister(status)
      card.writeRegister(acknowledge, seen)
    })
    for (const cause of [0x1, 0x2, 0x4]) {
      card.writeRegister(raise, cause)
      await expect.poll(() => seen & cause, { timeout: timeoutMs }).toBe(cause)
    }
    expect(card.readRegister(status)).toBe(0)
  })
})

describe.skipIf(e1000e === null)('interrupts of e1000e', () => {
  test('MSI-X: each vector has its own handler', async () => {
    const causes = { clear: register(0xc0), set: register(0xc8), mask: register(0xd0) }
    const maskAll = register(0xd8)
    const vectors = register(0xe4)
    const receive = 1 << 20
    const other = 1 << 24
    const card = await openMaster(e1000e)
    expect(messageKinds(e1000e ?? '')).toEqual(Array(5).fill('msix'))
    const interrupts = Array.from({ length: 5 }, (_, vector) => card.enableInterrupt(vector))
    const totals = () => interrupts.map(({ total }) => total)
    // Receive queue 0 on vector 1, other causes on vector 3.
    card.writeRegister(vectors, 0x000b_0009)
    card.writeRegister(causes.mask, receive | other)
    card.writeRegister(causes.set, other)
    await interrupts[3]?.wait({ timeoutMs })
    expect(totals()).toEqual([0, 0, 0, 1, 0])
    card.writeRegister(causes.clear, other)
    card.writeRegister(causes.set, receive)
    await interrupts[1]?.wait({ timeoutMs })
    expect(totals()).toEqual([0, 1, 0, 1, 0])
    card.writeRegister(causes.clear, receive)
    card.writeRegister(maskAll, 0xffff_ffff)
  })
})
