// Registers of AMD/Xilinx's XDMA block (PG195 v4.1) and of Pinlab's user logic, with the bits that the driver uses.

import type { Register } from '../contract/board.ts'
import { field, register } from './register-map.ts'

/** BAR 1 of the default design; PG195 "PCIe to DMA Address Map". */
export const dmaBar = 1
/** BAR 0: the user logic behind AXI-Lite. */
export const userBar = 0

/** Offsets within a channel's target, PG195 "H2C/C2H Channel Registers". */
export const channelRegister = {
  identifier: 0x00,
  control: 0x04,
  controlClear: 0x0c,
  status: 0x40,
  statusReadClear: 0x44,
  completedCount: 0x48,
  interruptEnable: 0x90,
  /** SGDMA registers stand 0x4000 above the channel's. */
  descriptorLow: 0x4080,
  descriptorHigh: 0x4084,
  descriptorAdjacent: 0x4088,
} as const

export const irqRegister = {
  identifier: 0x2000,
  userEnableClear: 0x200c,
  channelEnableSet: 0x2014,
  channelEnableClear: 0x2018,
  channelVector: 0x20a0,
} as const

export const configIdentifier = 0x3000

export const run = 0x1
export const busy = 0x1
export const descriptorStopped = 0x2
/** Bits 3 to 5 and 9 to 23: alignment, magic, length, read, write and descriptor errors. */
export const errorBits = 0x00fffe38
/** Everything is logged, and every error stops the engine: bits 1 to 6 and 9 to 23. */
export const logAll = 0x00fffe7e
export const nonIncrementMode = 0x0200_0000

export const h2cBase = (channel: number) => 0x100 * channel
export const c2hBase = (channel: number) => 0x1000 + 0x100 * channel

/** Whether an identifier word belongs to an XDMA block at all. All ones, a lost link, is none. */
export const isXdma = (identifier: number) => (identifier & 0xfff0_0000) >>> 0 === 0x1fc0_0000

/** User logic of Pinlab's digitizer, BAR 0. */
export const adc = { control: 0x10, rate: 0x14, dropped: 0x24, format: 0x28 } as const
/** Bits of ADC_FORMAT. Integers are unsigned at 8 bits and signed above, as in WAV files, unless swapped. */
export const adcShape = { float: 0x1_0000, swappedSign: 0x2_0000 } as const
export const adcEnable = 0x1
export const userLogic = { id: 0x00, version: 0x04 } as const
/** 'PLD1': the user logic has an ADC and a DAC. */
export const digitizerId = 0x504c4431
/** 'PLM1': the user logic has neither. */
export const memoryCardId = 0x504c4d31
/** From this version on our user logic can fail on purpose. */
export const injectionVersion = 0x0001_0001

const everyBoard: Register[] = [
  register('ID', userBar, 0x00, 'read', 'What the user logic is'),
  register('VERSION', userBar, 0x04, 'read', 'Version of the user logic'),
]

const sources = {
  0: 'sine',
  1: 'recording',
  2: 'square',
  3: 'noise',
  4: 'counter',
  5: 'chirp',
  6: 'PRBS',
}

const digitizer: Register[] = [
  register('ADC_CTRL', userBar, adc.control, 'readWrite', 'What the ADC plays, and whether', {
    fields: [
      field('enable', 0, 0, 'The driver raises it at the start of a transfer', {
        0: 'off',
        1: 'on',
      }),
      field('gate', 1, 1, 'A closed gate stops the samples and stalls the channel', {
        0: 'open',
        1: 'closed',
      }),
      field('source', 11, 8, 'Where the samples come from', sources),
    ],
  }),
  register(
    'ADC_RATE',
    userBar,
    adc.rate,
    'readWrite',
    'Frames per second; 0 is as fast as the engine takes them',
    {
      unit: 'frames/s',
    },
  ),
  register(
    'AMPLITUDE',
    userBar,
    0x18,
    'readWrite',
    'Peak of the generated sources, in steps of the ADC',
  ),
  register('FREQUENCY', userBar, 0x1c, 'readWrite', 'Frequency of the generated sources', {
    unit: 'mHz',
  }),
  register('IRQ_STATUS', userBar, 0x20, 'read', 'Why the user logic interrupted', {
    changesWhenRead: true,
    fields: [field('overrun', 0, 0, 'The ADC had to drop frames', { 0: 'no', 1: 'yes' })],
  }),
  register(
    'DROPPED',
    userBar,
    adc.dropped,
    'read',
    'Frames that the ADC had to drop since the reset',
    {
      unit: 'frames',
    },
  ),
  register('ADC_FORMAT', userBar, adc.format, 'read', 'Shape of a frame', {
    fields: [
      field('channels', 7, 0, 'Samples in a frame'),
      field('bits', 15, 8, 'Bits of a sample'),
      field('float', 16, 16, 'Samples are floating point', { 0: 'integer', 1: 'float' }),
      field('sign', 17, 17, 'Integers of the less usual kind', {
        0: 'usual',
        1: 'signed of 8 bits, or unsigned of more',
      }),
    ],
  }),
]

const faultKinds = {
  0: 'none',
  1: 'stall',
  2: 'short transfer',
  3: 'link lost',
  4: 'IOMMU fault',
  5: 'lost interrupt',
  6: 'data flip',
  7: 'late completion',
}

/** The injection block of simulated boards. */
const faults: Register[] = [
  register('FAULT_SELECT', userBar, 0x80, 'readWrite', 'Which fault FAULT_ARM arms', {
    fields: [field('kind', 2, 0, 'What goes wrong', faultKinds)],
  }),
  register('FAULT_CHANNEL', userBar, 0x84, 'readWrite', 'The channel it strikes', {
    fields: [
      field('number', 1, 0, 'Within its direction'),
      field('direction', 4, 4, 'Which way', { 0: 'h2c', 1: 'c2h' }),
    ],
  }),
  register('FAULT_COUNT', userBar, 0x88, 'readWrite', 'How often it strikes'),
  register(
    'FAULT_ARM',
    userBar,
    0x8c,
    'readWrite',
    'Write 1 to arm, 0 to disarm all; reads how many are armed',
  ),
  register(
    'FAULT_SKIP',
    userBar,
    0x90,
    'readWrite',
    'Descriptors, or interrupts, that pass before it',
  ),
  register('FAULT_DELAY', userBar, 0x94, 'readWrite', 'How late a late completion is', {
    unit: 'ms',
  }),
  register('FAULT_STRUCK', userBar, 0x98, 'read', 'How often faults have struck since the reset'),
]

function channelRegisters(name: string, base: number): Register[] {
  const owned = { ownedByDriver: true }
  return [
    register(
      `${name.toUpperCase()}_CONTROL`,
      dmaBar,
      base + channelRegister.control,
      'readWrite',
      'Run and what is logged',
      owned,
    ),
    register(
      `${name.toUpperCase()}_STATUS`,
      dmaBar,
      base + channelRegister.status,
      'read',
      'Busy and what was logged',
      owned,
    ),
    register(
      `${name.toUpperCase()}_COMPLETED`,
      dmaBar,
      base + channelRegister.completedCount,
      'read',
      'Descriptors finished since run rose',
      owned,
    ),
  ]
}

/** The map that people see: the user logic, and the DMA block's registers, which are the driver's. */
export function registerMap(
  { hasAdc, canFail }: { hasAdc: boolean; canFail: boolean },
  channels: readonly { id: string; base: number }[],
): Register[] {
  return [
    ...everyBoard,
    ...(hasAdc ? digitizer : []),
    ...(canFail ? faults : []),
    ...channels.flatMap(({ id, base }) => channelRegisters(id, base)),
  ]
}
