// Clearing a board's own memory between two people, by its own engine, from a lock full of zeros.

import type { Card, DmaLock } from '../../native/index.ts'
import { dmaOptions } from '../contract/dma-options.ts'
import type { BoardDriver, Remains } from '../drivers/board-driver.ts'
import { PinlabError } from '../errors.ts'
import type { BoardSlots } from './board-slots.ts'
import type { StopReport } from './device-host.ts'
import { quieten, report } from './host-stopping.ts'
import { within } from './within.ts'

/** Of host memory, whatever the board has. */
const zerosByteLength = 4 * 1024 * 1024
const zeroMs = 30_000
/** For the zeros once: an engine that takes longer has stalled, and others wait. */
const pieceMs = 2_000

type Memory = Extract<Remains, { kind: 'memory' }>

export class HostZeroing {
  constructor(
    private readonly slots: BoardSlots,
    private readonly reset: (board: string) => Promise<StopReport>,
  ) {}

  zero(board: string): Promise<StopReport> {
    return report('Nothing of its last holder is left in the board.', async () => {
      const { card, driver } = this.slots.require(board)
      const { remains } = driver
      if (remains.kind === 'kept') throw failed(remains.why)
      if (remains.kind === 'memory') await this.#overwrite(board, card, driver, remains)
    })
  }

  async #overwrite(board: string, card: Card, driver: BoardDriver, memory: Memory): Promise<void> {
    const zeros = await lockZeros(card, Math.min(zerosByteLength, memory.byteLength))
    try {
      await within(zeroMs, fill(driver, zeros, memory), 'The memory of the board was not cleared')
    } finally {
      // The next holder gets the board as a reset leaves it, and an engine that is known to be idle lets go of the zeros.
      const reset = await this.reset(board)
      if (reset.ok) await unlock(card, zeros)
    }
  }
}

async function lockZeros(card: Card, byteLength: number): Promise<DmaLock> {
  const lock = await card.lockContiguous(byteLength, {
    options: dmaOptions.KERNEL_BUFFER_ALLOC | dmaOptions.ALLOW_64BIT_ADDRESS,
    direction: 'toDevice',
    owner: 'pinlab',
  })
  lock.userBytes.fill(0)
  return lock
}

async function fill(driver: BoardDriver, lock: DmaLock, memory: Memory): Promise<void> {
  const deadline = performance.now() + zeroMs
  const { channel } = memory
  for (let at = 0; at < memory.byteLength; at += lock.byteLength) {
    const byteLength = Math.min(lock.byteLength, memory.byteLength - at)
    const transfer = await driver.start({
      ...{ channel, lock, byteLength, mode: 'once', offset: 0, blockByteLength: byteLength },
      deviceAddress: BigInt(at),
      timeoutMs: Math.max(1, Math.min(pieceMs, Math.ceil(deadline - performance.now()))),
    })
    const { state, error } = await transfer.ended
    if (state !== 'done') throw error ?? failed('Clearing the memory of the board was stopped.')
  }
}

async function unlock(card: Card, zeros: DmaLock): Promise<void> {
  const { busMaster } = card
  await quieten(card)
  await zeros.unlock()
  if (busMaster) card.setBusMaster(true)
}

function failed(detail: string): PinlabError {
  return new PinlabError('PINLAB_BOARD_FAULT', detail)
}
