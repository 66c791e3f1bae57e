// The VFIO bus for the contract suite: QEMU's edu device, whose one DMA engine moves up to 4,095 bytes to or from a buffer of its own.
// All in which this bus differs from the others is here.

import { setTimeout as delay } from 'node:timers/promises'
import { type Card, type DmaError, type DmaLock, openCard } from '../../native/index.ts'
import { cutIntoPieces } from '../../server/drivers/lock-pieces.ts'
import type { Bus, OpenedBoard } from './bus.ts'
import { addressWidth, bufferByteLength, EduEngine } from './edu-engine.ts'

/** The kernel's log, where refused accesses are told of, is read by a thread of its own. */
const faultDelayMs = 100
/** The device is given back in the background when a worker or process has ended. */
const openTimeoutMs = 10_000

class EduBoard implements OpenedBoard {
  private readonly engine: EduEngine
  /** What the device has last read. */
  private buffer: Uint8Array = new Uint8Array(0)

  constructor(readonly card: Card) {
    this.engine = new EduEngine(card)
  }

  async move(
    lock: DmaLock,
    direction: 'toDevice' | 'fromDevice',
    offset: number,
    byteLength: number,
  ) {
    if (direction === 'fromDevice' && this.buffer.byteLength < byteLength) {
      this.buffer = await this.readBuffer(byteLength)
    }
    let faulted = false
    const disarm = this.card.onFault(() => {
      faulted = true
    })
    let bufferOffset = 0
    const range = { offset, byteLength, blockByteLength: byteLength }
    for (const piece of cutIntoPieces(lock.pages, range)) {
      await this.idle()
      this.engine.start({
        direction,
        hostAddress: piece.address,
        bufferOffset,
        byteLength: piece.byteLength,
      })
      bufferOffset += piece.byteLength
    }
    await this.idle()
    await delay(faultDelayMs)
    disarm()
    if (direction === 'toDevice') this.buffer = await this.readBuffer(byteLength)
    return faulted || !this.arrived(lock, offset) ? 'refused' : 'moved'
  }

  /**
   * A refused DMA ends like a good one, with zeros, and the kernel leaves faults out when many come at once: only the content
   * tells. Of memory that nobody sees any more it is that something came.
   */
  private arrived(lock: DmaLock, offset: number): boolean {
    const { buffer } = this
    if (lock.userBytes.byteLength > 0) {
      const moved = lock.userBytes.subarray(offset, offset + buffer.byteLength)
      return Buffer.compare(moved, buffer.subarray(0, moved.byteLength)) === 0
    }
    return lock.isLocked || buffer.some((byte) => byte !== 0)
  }

  private async readBuffer(byteLength: number): Promise<Uint8Array> {
    const lock = await this.card.lockContiguous(byteLength, { direction: 'fromDevice' })
    const hostAddress = Number(lock.pages[0]?.address)
    this.engine.start({ direction: 'fromDevice', hostAddress, bufferOffset: 0, byteLength })
    await this.idle()
    const bytes = lock.userBytes.slice()
    await lock.unlock()
    return bytes
  }

  async moveForever(lock: DmaLock) {
    const hostAddress = Number(lock.pages[0]?.address)
    const again = setInterval(() => {
      if (this.engine.isRunning()) return
      this.engine.start({
        direction: 'fromDevice',
        hostAddress,
        bufferOffset: 0,
        byteLength: bufferByteLength,
      })
    }, 1)
    return {
      stop: async () => {
        clearInterval(again)
        await this.idle()
      },
    }
  }

  async close() {
    await this.card.close()
  }

  private async idle() {
    while (this.engine.isRunning()) await delay(5)
  }
}

/** DMA after DMA into a lock, with interrupts, until the end. */
const busyScript = `
  const lock = await card.lockScatterGather(new Uint8Array(4 << 20), { options: 0x80 | 4, maxPages: 4096 })
  const register = (offset) => ({ barIndex: 0, offset, width: 32 })
  const write = (offset, value) => card.writeRegister(register(offset), value)
  const again = () => {
    if (!card.isOpen || card.readRegister(register(0x98)) & 1) return
    write(0x80, 0x40000); write(0x88, Number(lock.pages[0].address)); write(0x90, 2048); write(0x98, 7)
  }
  card.onInterrupt(0, () => write(0x64, 0x100))
  card.setBusMaster(true)
  again()
  setInterval(again, 5).unref()
`

export function vfioBus(address: string): Bus {
  const config = { bus: 'vfio', address, addressWidth } as const
  return {
    name: 'vfio',
    limits: { moveByteLength: bufferByteLength, sharedPagesCountOnce: false },
    config: JSON.stringify(config),
    // A device is opened once.
    otherConfig: JSON.stringify({ bus: 'simulated', h2c: ['memory'], c2h: ['memory'] }),
    busyScript,
    // The DMA engine's source: 32 or 64 bits, and the next one is eight bytes further.
    scratch: { barIndex: 0, offset: 0x80, isPair: false },
    async open() {
      const card = await openWhenFree(config)
      const board = new EduBoard(card)
      while (new EduEngine(card).isRunning()) await delay(5)
      card.setBusMaster(true)
      return board
    },
  }
}

/** Opens a card as soon as its owner before has given it back. */
export async function openWhenFree(config: Parameters<typeof openCard>[0]): Promise<Card> {
  const end = performance.now() + openTimeoutMs
  for (;;) {
    try {
      return await openCard(config)
    } catch (error) {
      const inUse = (error as DmaError).statusName === 'WD_RESOURCE_OVERLAP'
      if (!inUse || performance.now() > end) throw error
      await delay(20)
    }
  }
}
