// Drives one channel of the XDMA block by its registers, as far as tests need it.

import type { Card, DmaLock } from '../../native/index.ts'

export interface Descriptor {
  /** Bytes. */
  length: number
  source: bigint
  destination: bigint
  stop?: boolean
  completed?: boolean
  /** Extra descriptors adjacent to the next block's first one. */
  nextAdjacent?: number
  next?: bigint
  magic?: number
}

const descriptorByteLength = 32

export const status = {
  busy: 1,
  stopped: 1 << 1,
  completed: 1 << 2,
  magicStopped: 1 << 4,
  invalidLength: 1 << 5,
  idleStopped: 1 << 6,
  readError: 1 << 9,
  writeError: 1 << 14,
  descriptorError: 1 << 19,
} as const

/** Run, and log everything. */
export const runAndLogAll = 0x00ff_fe7f

export class XdmaChannel {
  readonly base: number
  constructor(
    readonly card: Card,
    readonly direction: 'h2c' | 'c2h',
    readonly number: number,
  ) {
    this.base = (direction === 'h2c' ? 0 : 0x1000) + 0x100 * number
  }

  read(offset: number): number {
    return this.card.readRegister({ barIndex: 1, offset: this.base + offset, width: 32 })
  }

  write(offset: number, value: number): void {
    this.card.writeRegister({ barIndex: 1, offset: this.base + offset, width: 32 }, value)
  }

  /** Starts at a descriptor in `ring`, `adjacent` extra ones beside it. */
  start(address: bigint, adjacent = 0, control = runAndLogAll): void {
    this.write(0x0c, 1)
    this.write(0x4080, Number(address & 0xffff_ffffn))
    this.write(0x4084, Number(address >> 32n))
    this.write(0x4088, adjacent)
    this.write(0x04, control)
  }

  get busy(): boolean {
    return (this.read(0x40) & status.busy) !== 0
  }

  get completedCount(): number {
    return this.read(0x48)
  }

  async untilIdle(): Promise<void> {
    await until(() => !this.busy)
  }
}

/** Resolves when the condition holds; the test's own time limit ends a wait that is in vain. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1))
}

export function writeDescriptor(ring: DmaLock, index: number, descriptor: Descriptor): void {
  const { stop = false, completed = false, nextAdjacent = 0, next = 0n } = descriptor
  const view = new DataView(ring.userBytes.buffer, ring.userBytes.byteOffset)
  const at = index * descriptorByteLength
  const flags = (stop ? 1 : 0) | (completed ? 2 : 0) | (nextAdjacent << 8)
  view.setUint32(at, (((descriptor.magic ?? 0xad4b) << 16) | flags) >>> 0, true)
  view.setUint32(at + 4, descriptor.length, true)
  view.setBigUint64(at + 8, descriptor.source, true)
  view.setBigUint64(at + 16, descriptor.destination, true)
  view.setBigUint64(at + 24, next, true)
}

/** Where a contiguous lock begins for the device, plus `offset` bytes. */
export function deviceAddress(lock: DmaLock, offset = 0): bigint {
  for (const page of lock.pages) {
    if (offset < page.byteLength) return page.address + BigInt(offset)
    offset -= page.byteLength
  }
  throw new RangeError('offset outside of the lock')
}

/** Address of descriptor `index` of a ring that is one contiguous lock. */
export function descriptorAddress(ring: DmaLock, index = 0): bigint {
  return deviceAddress(ring, index * descriptorByteLength)
}

/** Descriptors for a range of a lock: one for each piece that is contiguous for the device. */
export function pieces(lock: DmaLock, offset: number, byteLength: number) {
  const list: { address: bigint; byteLength: number }[] = []
  let begin = 0
  for (const page of lock.pages) {
    const from = Math.max(begin, offset)
    const to = Math.min(begin + page.byteLength, offset + byteLength)
    if (from < to)
      list.push({ address: page.address + BigInt(from - begin), byteLength: to - from })
    begin += page.byteLength
  }
  return list
}
