// Registers of QEMU's educational PCI device (QEMU's docs/specs/edu.rst, as version 7.2 has them). One BAR; below 0x80 it answers to
// accesses of 32 bits only.

import type { Card } from '../../native/index.ts'
import type { Register } from '../contract/board.ts'
import { field, register } from './register-map.ts'

export const eduRegister = {
  identification: 0x00,
  liveness: 0x04,
  factorial: 0x08,
  status: 0x20,
  interruptStatus: 0x24,
  raise: 0x60,
  acknowledge: 0x64,
  dmaSource: 0x80,
  dmaDestination: 0x88,
  dmaByteLength: 0x90,
  dmaCommand: 0x98,
} as const

/** `identification` is 0xRRrr00ED, with the revision in RR and rr. */
export const isEdu = (identification: number) => (identification & 0xffff) === 0x00ed

export const dmaCommand = { run: 0x1, fromBoard: 0x2, interrupt: 0x4 } as const

/** Where the board's buffer of 4 KiB is, for its DMA engine only. */
export const bufferAddress = 0x4_0000
/** A DMA that reaches the buffer's last byte makes QEMU 7.2 abort, with the whole machine. */
export const reachableByteLength = 4095
/** The engine cuts off higher bits without a word. */
export const addressWidth = 28

export class EduRegisters {
  constructor(private readonly card: Card) {}

  read(name: keyof typeof eduRegister): number {
    return this.card.readRegister({ barIndex: 0, offset: eduRegister[name], width: 32 })
  }

  write(name: keyof typeof eduRegister, value: number): void {
    this.card.writeRegister({ barIndex: 0, offset: eduRegister[name], width: 32 }, value >>> 0)
  }
}

const owned = { ownedByDriver: true }
const plain = (
  name: string,
  key: keyof typeof eduRegister,
  access: Register['access'],
  description: string,
  more: Partial<Register> = {},
) => register(name, 0, eduRegister[key], access, description, more)

export const eduRegisterMap: readonly Register[] = [
  plain('IDENTIFICATION', 'identification', 'read', 'What and which revision it is', {
    fields: [
      field('major', 31, 24, 'Major revision'),
      field('minor', 23, 16, 'Minor revision'),
      field('id', 7, 0, 'Always 0xED'),
    ],
  }),
  plain('LIVENESS', 'liveness', 'readWrite', 'Reads as the bitwise NOT of what was written'),
  plain('FACTORIAL', 'factorial', 'readWrite', 'Write n, and read n! mod 2^32 when computed'),
  plain('STATUS', 'status', 'readWrite', 'State of the factorial', {
    fields: [
      field('computing', 0, 0, 'Whether the factorial is being computed', { 0: 'no', 1: 'yes' }),
      field('interrupt', 7, 7, 'Raise interrupt 0x1 when it is computed', { 0: 'no', 1: 'yes' }),
    ],
  }),
  plain('IRQ_STATUS', 'interruptStatus', 'read', 'Raised and not yet acknowledged', {
    fields: [
      field('factorial', 0, 0, 'The factorial is computed', { 0: 'no', 1: 'yes' }),
      field('dma', 8, 8, 'A DMA has ended', { 0: 'no', 1: 'yes' }),
    ],
  }),
  plain('IRQ_RAISE', 'raise', 'write', 'Raises an interrupt; the driver acknowledges it'),
  plain('IRQ_ACK', 'acknowledge', 'write', 'Acknowledges interrupts', owned),
  plain('DMA_SOURCE', 'dmaSource', 'readWrite', 'Where a DMA reads', owned),
  plain('DMA_DESTINATION', 'dmaDestination', 'readWrite', 'Where a DMA writes', owned),
  plain('DMA_COUNT', 'dmaByteLength', 'readWrite', 'Length of a DMA', { ...owned, unit: 'bytes' }),
  plain('DMA_COMMAND', 'dmaCommand', 'readWrite', 'Run, direction, interrupt at the end', owned),
]
