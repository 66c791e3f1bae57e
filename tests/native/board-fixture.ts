// A simulated board for a test, with a ring for descriptors; closed after it.

import { onTestFinished } from 'vitest'
import {
  type Card,
  type DmaLock,
  type LockOptions,
  openCard,
  type SimulatedCardConfig,
} from '../../native/index.ts'
import { XdmaChannel } from './xdma-channel.ts'

export interface Board {
  card: Card
  ring: DmaLock
  h2c(number: number): XdmaChannel
  c2h(number: number): XdmaChannel
  /** User logic, BAR 0. */
  readUser(offset: number): number
  writeUser(offset: number, value: number): void
  /** IRQ block: offsets inside target 2. */
  readIrq(offset: number): number
  writeIrq(offset: number, value: number): void
  contiguous(byteLength: number, options?: LockOptions): Promise<DmaLock>
}

export async function openBoard(config: Partial<SimulatedCardConfig> = {}): Promise<Board> {
  const card = await openCard({
    bus: 'simulated',
    h2c: ['memory', 'dac'],
    c2h: ['memory', 'adc'],
    ...config,
  })
  onTestFinished(() => card.close())
  card.setBusMaster(true)
  return {
    card,
    ring: await card.lockContiguous(64 * 1024),
    h2c: (number) => new XdmaChannel(card, 'h2c', number),
    c2h: (number) => new XdmaChannel(card, 'c2h', number),
    readUser: (offset) => card.readRegister({ barIndex: 0, offset, width: 32 }),
    writeUser: (offset, value) => card.writeRegister({ barIndex: 0, offset, width: 32 }, value),
    readIrq: (offset) => card.readRegister({ barIndex: 1, offset: 0x2000 + offset, width: 32 }),
    writeIrq: (offset, value) =>
      card.writeRegister({ barIndex: 1, offset: 0x2000 + offset, width: 32 }, value),
    contiguous: (byteLength, options) => card.lockContiguous(byteLength, options),
  }
}

export const user = {
  id: 0x00,
  adcControl: 0x10,
  adcRate: 0x14,
  amplitude: 0x18,
  frequency: 0x1c,
  irqStatus: 0x20,
  dropped: 0x24,
  adcFormat: 0x28,
  recordingBytes: 0x2c,
  dacBytesLow: 0x30,
  dacBytesHigh: 0x34,
  dacSum: 0x38,
  userInterrupt: 0x3c,
} as const

export const enable = 1
export const gateClosed = 2
export const source = {
  sine: 0,
  recording: 1 << 8,
  square: 2 << 8,
  noise: 3 << 8,
  counter: 4 << 8,
  chirp: 5 << 8,
  prbs: 6 << 8,
}
