// Registers of an NVMe controller (NVM Express base specification 1.4, chapter 3), with the bits that the driver uses.

import type { Card } from '../../native/index.ts'
import type { Register } from '../contract/board.ts'
import { field, register } from './register-map.ts'

export const nvmeRegister = {
  capabilitiesLow: 0x00,
  capabilitiesHigh: 0x04,
  version: 0x08,
  configuration: 0x14,
  status: 0x1c,
  adminQueueSizes: 0x24,
  adminSubmissionLow: 0x28,
  adminSubmissionHigh: 0x2c,
  adminCompletionLow: 0x30,
  adminCompletionHigh: 0x34,
} as const

const doorbells = 0x1000

/** CC: enabled, the NVM command set, pages of 4 KiB, entries of 64 and 16 bytes. */
export const enabledConfiguration = 0x0046_0001
export const status = { ready: 0x1, fatal: 0x2 } as const

export class NvmeRegisters {
  #doorbellStride: number | undefined

  constructor(private readonly card: Card) {}

  read(name: keyof typeof nvmeRegister): number {
    return this.card.readRegister({ barIndex: 0, offset: nvmeRegister[name], width: 32 })
  }

  write(name: keyof typeof nvmeRegister, value: number): void {
    this.card.writeRegister({ barIndex: 0, offset: nvmeRegister[name], width: 32 }, value >>> 0)
  }

  /** Queue `id`'s tail (submission) or head (completion). A barrier: what stands in the queue is seen. */
  ring(id: number, kind: 'submission' | 'completion', value: number): void {
    this.#doorbellStride ??= 4 << (this.read('capabilitiesHigh') & 0xf)
    const offset = doorbells + (2 * id + (kind === 'submission' ? 0 : 1)) * this.#doorbellStride
    this.card.writeRegister({ barIndex: 0, offset, width: 32 }, value)
  }
}

const owned = { ownedByDriver: true }

export const nvmeRegisterMap: readonly Register[] = [
  register('CAP', 0, 0x00, 'read', 'What the controller can do', {
    width: 64,
    fields: [
      field('mqes', 15, 0, 'Most entries of a queue, minus one'),
      field('timeout', 31, 24, 'Longest wait for ready, in 500 ms'),
      field('doorbell stride', 35, 32, 'Bytes between doorbells, 4 << n'),
    ],
  }),
  register('VS', 0, 0x08, 'read', 'Version of the specification', {
    fields: [field('major', 31, 16, 'Major'), field('minor', 15, 8, 'Minor')],
  }),
  register('CC', 0, 0x14, 'readWrite', 'Configuration', owned),
  register('CSTS', 0, 0x1c, 'read', 'Status of the controller', {
    fields: [
      field('ready', 0, 0, 'Whether it takes commands', { 0: 'no', 1: 'yes' }),
      field('fatal', 1, 1, 'Whether it has to be reset', { 0: 'no', 1: 'yes' }),
      field('shutdown', 3, 2, 'How far a shutdown is', {
        0: 'none',
        1: 'under way',
        2: 'complete',
      }),
    ],
  }),
  register('AQA', 0, 0x24, 'readWrite', 'Sizes of the admin queues', owned),
  register('ASQ', 0, 0x28, 'readWrite', 'Admin submission queue', { ...owned, width: 64 }),
  register('ACQ', 0, 0x30, 'readWrite', 'Admin completion queue', { ...owned, width: 64 }),
]
