// What the boards of the soak do until their owner is killed, and how it is seen that they do.

import { setTimeout as delay } from 'node:timers/promises'
import { allocatePages, type Card } from '../../../native/index.ts'
import { dmaOptions } from '../../../server/contract/dma-options.ts'
import type { BoardDriver, TransferStart } from '../../../server/drivers/board-driver.ts'
import type { BoardModel } from '../guest/qemu.ts'

const KiB = 1024

interface BoardWork {
  /** The register and the bit that say that the engine is at work. */
  atWork: { offset: number; bit: number }
  /** The kernel resets it when its owner ends; the driver sets it to work by itself. */
  isReset?: true
  byteLength: number
  /** Bytes of one transfer; a cyclic one goes on by itself. */
  request: Pick<TransferStart, 'mode' | 'byteLength' | 'blockByteLength'>
}

const once = (byteLength: number) =>
  ({ mode: 'once', byteLength, blockByteLength: byteLength }) as const

const works: Record<BoardModel, BoardWork> = {
  // RUN; a DMA takes 100 ms, and is not to be called back.
  edu: { atWork: { offset: 0x98, bit: 0x1 }, byteLength: 4 * KiB, request: once(4000) },
  // CC.EN
  nvme: {
    atWork: { offset: 0x14, bit: 0x1 },
    isReset: true,
    byteLength: 4096 * KiB,
    request: once(4096 * KiB),
  },
  // RCTL.EN; frames come from outside.
  e1000e: {
    atWork: { offset: 0x100, bit: 0x2 },
    byteLength: 128 * KiB,
    request: { mode: 'cyclic', byteLength: 128 * KiB, blockByteLength: 2 * KiB },
  },
}

export function isAtWork(board: BoardModel, card: Card): boolean {
  const { offset, bit } = works[board].atWork
  return (card.readRegister({ barIndex: 0, offset, width: 32 }) & bit) !== 0
}

export function isResetByKernel(board: BoardModel): boolean {
  return works[board].isReset ?? false
}

export interface Work {
  /** Resolves when the next transfer has begun; a cyclic one has. */
  begun(): Promise<void>
  stop(): Promise<void>
}

/** Transfers into a lock, one after the other until it is told to stop. Resolves when the first bytes have come. */
export async function beginWork(board: BoardModel, card: Card, driver: BoardDriver): Promise<Work> {
  const { byteLength, request } = works[board]
  const lock = await card.lockScatterGather(allocatePages(byteLength), {
    direction: 'fromDevice',
    options: dmaOptions.LARGE_BUFFER,
    maxPages: byteLength / (4 * KiB),
  })
  const start = () =>
    driver.start({
      ...{ channel: 'c2h0', lock, offset: 0, deviceAddress: 0n, timeoutMs: 0 },
      ...request,
    })
  let transfer = await start()
  let stopped = false
  let tellBegun = () => {}
  const work = (async () => {
    while (!stopped) {
      const { state, error } = await transfer.ended
      if (state === 'failed') throw error
      if (stopped) return
      transfer = await start()
      tellBegun()
    }
  })()
  while (!stopped && transfer.progress().bytesCompleted === 0) await delay(1)
  return {
    async begun() {
      if (request.mode === 'cyclic') return
      await new Promise<void>((resolve) => {
        tellBegun = resolve
      })
    },
    async stop() {
      stopped = true
      await transfer.stop()
      await work
    },
  }
}
