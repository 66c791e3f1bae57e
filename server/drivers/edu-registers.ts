// Registers of QEMU's edu device (docs/specs/edu.rst of QEMU 7.2), with the bits that the driver uses.

import type { Register } from '../contract/board.ts'
import { field, register } from './register-map.ts'

export const eduBar = 0

/** Vendor in the low half, as the first word of configuration space shows them. */
export const eduDeviceId = 0x11e8_1234

export const eduRegister = {
  identification: 0x00,
  interruptStatus: 0x24,
  interruptAcknowledge: 0x64,
  dmaSource: 0x80,
  dmaDestination: 0x88,
  dmaCount: 0x90,
  dmaCommand: 0x98,
} as const

/** DMA command: run it, the way it goes, and an interrupt at its end. */
export const dmaRun = 0x1
export const dmaToHost = 0x2
export const dmaInterrupt = 0x4
/** Interrupt status: a DMA has ended. */
export const dmaEnded = 0x100

/** The device's buffer as its DMA engine addresses it; it is not in the BAR. */
export const bufferAddress = 0x4_0000
/** QEMU 7.2 aborts when a DMA reaches the last of the buffer's 4,096 bytes. */
export const bufferByteLength = 4095
/** Higher bits of a device address are cut off without a word. */
export const eduAddressWidth = 28

const owned = { ownedByDriver: true }

export const eduRegisters: Register[] = [
  register('ID', eduBar, eduRegister.identification, 'read', 'What the device is', {
    fields: [
      field('major', 31, 24, 'Version'),
      field('minor', 23, 16, 'Version'),
      field('mark', 7, 0, 'Always 0xED'),
    ],
  }),
  register('LIVENESS', eduBar, 0x04, 'readWrite', 'Reads as the inverse of what was written'),
  register('FACTORIAL', eduBar, 0x08, 'readWrite', 'Write n, read n! modulo 2^32 when it is done'),
  register('FACTORIAL_STATUS', eduBar, 0x20, 'readWrite', 'State of the factorial', {
    fields: [
      field('computing', 0, 0, 'Read only', { 0: 'no', 1: 'yes' }),
      field('interrupt', 7, 7, 'Raise interrupt 0x1 when it is done', { 0: 'no', 1: 'yes' }),
    ],
  }),
  register(
    'IRQ_STATUS',
    eduBar,
    eduRegister.interruptStatus,
    'read',
    'Interrupts not acknowledged',
    {
      fields: [
        field('factorial', 0, 0, 'A factorial is done', { 0: 'no', 1: 'yes' }),
        field('dma', 8, 8, 'A DMA has ended; the driver acknowledges it', { 0: 'no', 1: 'yes' }),
      ],
    },
  ),
  register('IRQ_RAISE', eduBar, 0x60, 'write', 'Raises interrupts: its bits are set in IRQ_STATUS'),
  register(
    'IRQ_ACK',
    eduBar,
    eduRegister.interruptAcknowledge,
    'write',
    'Acknowledges interrupts: its bits are cleared in IRQ_STATUS',
  ),
  register('DMA_SOURCE', eduBar, eduRegister.dmaSource, 'readWrite', 'Where a DMA reads', owned),
  register(
    'DMA_DESTINATION',
    eduBar,
    eduRegister.dmaDestination,
    'readWrite',
    'Where a DMA writes',
    owned,
  ),
  register('DMA_COUNT', eduBar, eduRegister.dmaCount, 'readWrite', 'Length of a DMA', {
    ...owned,
    unit: 'bytes',
  }),
  register('DMA_COMMAND', eduBar, eduRegister.dmaCommand, 'readWrite', 'State of the DMA engine', {
    ...owned,
    fields: [
      field('run', 0, 0, 'A DMA is running', { 0: 'no', 1: 'yes' }),
      field('direction', 1, 1, 'Which way it goes', { 0: 'to the device', 1: 'to the host' }),
      field('interrupt', 2, 2, 'Whether its end raises interrupt 0x100', { 0: 'no', 1: 'yes' }),
    ],
  }),
]
