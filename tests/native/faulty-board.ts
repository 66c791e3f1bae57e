// Arms faults by registers, and runs a channel of a simulated board for them to strike.

import type { FaultKind } from '../../native/index.ts'
import { type Board, enable, source, user } from './board-fixture.ts'
import { descriptorAddress, deviceAddress, writeDescriptor } from './xdma-channel.ts'

export const byteLength = 4096
const numbers: Record<FaultKind, number> = {
  stall: 1,
  shortTransfer: 2,
  linkLost: 3,
  iommuFault: 4,
  lostInterrupt: 5,
  dataFlip: 6,
  lateCompletion: 7,
  wrongMagic: 8,
  errorBits: 9,
  busMasterOff: 10,
}
export const block = {
  select: 0x80,
  channel: 0x84,
  count: 0x88,
  arm: 0x8c,
  skip: 0x90,
  delay: 0x94,
  struck: 0x98,
  bits: 0x9c,
} as const

export interface Arming {
  direction: 'h2c' | 'c2h'
  number: number
  count?: number
  skip?: number
  delayMs?: number
  bits?: number
}

export function arm(board: Pick<Board, 'writeUser'>, kind: FaultKind, at: Arming): void {
  board.writeUser(block.select, numbers[kind])
  board.writeUser(block.channel, at.number | (at.direction === 'c2h' ? 0x10 : 0))
  board.writeUser(block.count, at.count ?? 1)
  board.writeUser(block.skip, at.skip ?? 0)
  board.writeUser(block.delay, at.delayMs ?? 1)
  board.writeUser(block.bits, at.bits ?? 0x400)
  board.writeUser(block.arm, 1)
}

/** Two descriptors of `byteLength` bytes; memory and results lie behind one another in two locks. */
export async function twoDescriptors(board: Board, direction: 'h2c' | 'c2h', number: number) {
  const lock = await board.contiguous(2 * byteLength)
  if (direction === 'h2c') lock.userBytes.fill(1)
  const result = (index: number) => deviceAddress(board.ring, 8192 + 32 * index)
  const isStream = number === 1
  for (const index of [0, 1]) {
    const host = deviceAddress(lock, index * byteLength)
    const card = isStream && direction === 'c2h' ? result(index) : BigInt(index * byteLength)
    writeDescriptor(board.ring, index, {
      length: byteLength,
      source: direction === 'h2c' ? host : card,
      destination: direction === 'h2c' ? card : host,
      stop: index === 1,
      completed: true,
      next: descriptorAddress(board.ring, 1),
    })
  }
  board.writeUser(user.adcRate, 0)
  board.writeUser(user.adcControl, source.counter | enable)
  const channel = direction === 'h2c' ? board.h2c(number) : board.c2h(number)
  return { lock, channel, start: () => channel.start(descriptorAddress(board.ring)) }
}
