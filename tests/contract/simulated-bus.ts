// The simulated bus for the contract suite: memory-mapped channels h2c0 and c2h0 over the board's memory.

import { type Card, type DmaLock, type FaultKind, openCard } from '../../native/index.ts'
import { arm, block } from '../native/faulty-board.ts'
import {
  descriptorAddress,
  pieces,
  status,
  writeDescriptor,
  XdmaChannel,
} from '../native/xdma-channel.ts'
import type { Bus, OpenedBoard } from './bus.ts'

const ringByteLength = 64 * 1024
/** A block of descriptors must not cross 4 KiB; here each is its own block. */
const maxDescriptors = ringByteLength / 32

function writeList(
  ring: DmaLock,
  lock: DmaLock,
  direction: 'toDevice' | 'fromDevice',
  list: ReturnType<typeof pieces>,
  cyclic: boolean,
) {
  if (list.length > maxDescriptors) throw new RangeError('too many pieces for one list')
  let cardAddress = 0n
  list.forEach(({ address, byteLength }, index) => {
    const last = index === list.length - 1
    writeDescriptor(ring, index, {
      length: byteLength,
      source: direction === 'toDevice' ? address : cardAddress,
      destination: direction === 'toDevice' ? cardAddress : address,
      stop: last && !cyclic,
      completed: last,
      next: descriptorAddress(ring, last ? 0 : index + 1),
    })
    cardAddress += BigInt(byteLength)
  })
  return lock
}

class SimulatedBoard implements OpenedBoard {
  constructor(
    readonly card: Card,
    private readonly ring: DmaLock,
  ) {}

  private channel(direction: 'toDevice' | 'fromDevice') {
    return new XdmaChannel(this.card, direction === 'toDevice' ? 'h2c' : 'c2h', 0)
  }

  async move(
    lock: DmaLock,
    direction: 'toDevice' | 'fromDevice',
    offset: number,
    byteLength: number,
  ) {
    // The bus drops refused writes silently; only its fault report tells.
    let refused = false
    const disarm = this.card.onFault(() => {
      refused = true
    })
    const channel = this.channel(direction)
    writeList(this.ring, lock, direction, pieces(lock, offset, byteLength), false)
    channel.start(descriptorAddress(this.ring))
    await channel.untilIdle()
    await new Promise((resolve) => setTimeout(resolve, 5))
    disarm()
    return refused || channel.read(0x44) & status.readError ? 'refused' : 'moved'
  }

  async moveForever(lock: DmaLock) {
    const channel = this.channel('fromDevice')
    writeList(this.ring, lock, 'fromDevice', pieces(lock, 0, lock.byteLength), true)
    channel.start(descriptorAddress(this.ring))
    return {
      stop: async () => {
        channel.write(0x0c, 1)
        await channel.untilIdle()
      },
    }
  }

  readonly faults = {
    strikeNext: (kind: FaultKind, way: 'toDevice' | 'fromDevice') => {
      const writeUser = (offset: number, value: number) => this.userRegister(offset, value)
      arm({ writeUser }, kind, { direction: way === 'toDevice' ? 'h2c' : 'c2h', number: 0 })
    },
    hasStruck: () => this.card.readRegister({ barIndex: 0, offset: block.struck, width: 32 }) > 0,
    disarm: () => this.userRegister(block.arm, 0),
  }

  private userRegister(offset: number, value: number) {
    this.card.writeRegister({ barIndex: 0, offset, width: 32 }, value)
  }

  async close() {
    await this.card.close()
  }
}

/** A ring of one descriptor that writes the first page of a lock, with interrupts, until the end. */
const busyScript = `
  const ring = await card.lockContiguous(4096)
  const bytes = new Uint8Array(4 << 20)
  const lock = await card.lockScatterGather(bytes, { options: 0x80 | 4, maxPages: 4096 })
  const view = new DataView(ring.userBytes.buffer)
  view.setUint32(0, 0xad4b0002, true)
  view.setUint32(4, lock.pages[0].byteLength, true)
  view.setBigUint64(16, lock.pages[0].address, true)
  view.setBigUint64(24, ring.pages[0].address, true)
  const write = (offset, value) => card.writeRegister({ barIndex: 1, offset, width: 32 }, value)
  card.onInterrupt(0, () => {})
  card.setBusMaster(true)
  write(0x2014, 3); write(0x1090, 6)
  write(0x5080, Number(ring.pages[0].address)); write(0x1004, 0xfffe1f)
`

export function simulatedBus(fragmentation: number): Bus {
  const config = { bus: 'simulated', h2c: ['memory'], c2h: ['memory'], fragmentation } as const
  return {
    name: fragmentation ? `simulated, runs of ${fragmentation} pages` : 'simulated',
    limits: { moveByteLength: Number.POSITIVE_INFINITY, sharedPagesCountOnce: true },
    config: JSON.stringify(config),
    otherConfig: JSON.stringify(config),
    busyScript,
    // AMPLITUDE and FREQUENCY of the generated signals.
    scratch: { barIndex: 0, offset: 0x18, isPair: true },
    async open() {
      const card = await openCard(config)
      card.setBusMaster(true)
      return new SimulatedBoard(card, await card.lockContiguous(ringByteLength))
    },
  }
}
