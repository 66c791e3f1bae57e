// Registers of Intel's 82574L network card (Intel's 82574 datasheet, chapter 10), with the bits that the driver uses. All of them are
// accessed with 32 bits.

import type { Card } from '../../native/index.ts'
import type { Register } from '../contract/board.ts'
import { field, register } from './register-map.ts'

export const e1000eRegister = {
  control: 0x0000,
  status: 0x0008,
  causes: 0x00c0,
  throttle: 0x00c4,
  maskSet: 0x00d0,
  maskClear: 0x00d8,
  vectors: 0x00e4,
  vectorThrottle: 0x00e8,
  receiveControl: 0x0100,
  transmitControl: 0x0400,
  ringLow: 0x2800,
  ringHigh: 0x2804,
  ringByteLength: 0x2808,
  ringHead: 0x2810,
  ringTail: 0x2818,
  receiveFilter: 0x5008,
  addressLow: 0x5400,
  addressHigh: 0x5404,
} as const

export const setLinkUp = 0x40
export const linkUp = 0x2
/** RCTL: on; every unicast, multicast and broadcast frame, without its CRC, into buffers of 2,048 bytes. */
export const receiveFrames = 0x0400_801a
export const receiveOn = 0x2
/** Receive overrun: a frame found no free descriptor. */
export const overrun = 0x40
/** Few descriptors left, overrun, frame received; with MSI-X, queue 0 and "other", which an overrun is, speak for them. */
export const usedCauses = 0x10 | overrun | 0x80 | (1 << 20) | (1 << 24)
/** IVAR: receive queue 0 and "other" raise vector 0. */
export const allOnVector0 = 0x0008_0008
/** 1 ms between interrupts, in units of 256 ns: each takes all frames that came meanwhile. */
export const interruptGap = 3906

export class E1000eRegisters {
  constructor(private readonly card: Card) {}

  read(name: keyof typeof e1000eRegister): number {
    return this.card.readRegister({ barIndex: 0, offset: e1000eRegister[name], width: 32 })
  }

  write(name: keyof typeof e1000eRegister, value: number): void {
    this.card.writeRegister({ barIndex: 0, offset: e1000eRegister[name], width: 32 }, value >>> 0)
  }

  /** Causes of interrupts, cleared: reading does it, but not with MSI-X. Those left pending raise no further interrupt there. */
  takeCauses(): number {
    const causes = this.read('causes')
    this.write('causes', causes)
    return causes
  }
}

const owned = { ownedByDriver: true }
const clearing = { changesWhenRead: true }

export const e1000eRegisterMap: readonly Register[] = [
  register('CTRL', 0, 0x0000, 'readWrite', 'Control of the device', owned),
  register('STATUS', 0, 0x0008, 'read', 'State of the device', {
    fields: [
      field('duplex', 0, 0, 'Duplex', { 0: 'half', 1: 'full' }),
      field('link', 1, 1, 'Whether the link is up', { 0: 'down', 1: 'up' }),
    ],
  }),
  register('ICR', 0, 0x00c0, 'read', 'Causes of interrupts', { ...owned, ...clearing }),
  register('ITR', 0, 0x00c4, 'readWrite', 'Least gap between interrupts', {
    ...owned,
    unit: '256 ns',
  }),
  register('ICS', 0, 0x00c8, 'readWrite', 'Raises causes', owned),
  register('IMS', 0, 0x00d0, 'readWrite', 'Enables causes', owned),
  register('IMC', 0, 0x00d8, 'write', 'Disables causes', owned),
  register('IVAR', 0, 0x00e4, 'readWrite', 'Vectors of the causes, with MSI-X', owned),
  register('EITR0', 0, 0x00e8, 'readWrite', 'Least gap between interrupts of vector 0', {
    ...owned,
    unit: '256 ns',
  }),
  register('RCTL', 0, 0x0100, 'readWrite', 'Control of reception', owned),
  register('TCTL', 0, 0x0400, 'readWrite', 'Control of transmission', owned),
  register('RDBAL', 0, 0x2800, 'readWrite', 'Address of the receive ring, low word', owned),
  register('RDBAH', 0, 0x2804, 'readWrite', 'Address of the receive ring, high word', owned),
  register('RDLEN', 0, 0x2808, 'readWrite', 'Length of the ring', { ...owned, unit: 'bytes' }),
  register('RDH', 0, 0x2810, 'readWrite', 'Descriptor that is filled next', owned),
  register('RDT', 0, 0x2818, 'readWrite', 'First descriptor that may not be filled', owned),
  register('MPC', 0, 0x4010, 'read', 'Frames missed; QEMU never counts them', clearing),
  register('GPRC', 0, 0x4074, 'read', 'Good frames received since it was read', clearing),
  register('RAL0', 0, 0x5400, 'read', 'MAC address, bytes 0 to 3'),
  register('RAH0', 0, 0x5404, 'read', 'MAC address, bytes 4 and 5', {
    fields: [field('valid', 31, 31, 'Whether it is used', { 0: 'no', 1: 'yes' })],
  }),
]
