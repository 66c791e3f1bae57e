// How a board is brought to rest, always in this order: engines stopped, bus mastering off, no transaction pending, reset, unlocked.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Card } from '../../native/index.ts'
import { PinlabError } from '../errors.ts'
import type { BoardSlots } from './board-slots.ts'
import type { StopReport } from './device-host.ts'
import { coded } from './host-errors.ts'
import type { HostLocks } from './host-locks.ts'
import type { HostTransfers } from './host-transfers.ts'
import { within } from './within.ts'

const stopMs = 5_000
const resetMs = 10_000
const quietMs = 1_000
const pollMs = 1

export class HostStopping {
  constructor(
    private readonly slots: BoardSlots,
    private readonly locks: HostLocks,
    private readonly transfers: HostTransfers,
  ) {}

  stop(board: string): Promise<StopReport> {
    return report('Engines are idle.', async () => {
      await this.locks.settle(board)
      await within(stopMs, this.transfers.stopBoard(board), 'An engine did not stop')
    })
  }

  /** Whatever comes of it, a board whose engine is not known to be idle afterwards has bus mastering off. */
  reset(board: string): Promise<StopReport> {
    return report('The board was reset.', async () => {
      const { card, driver } = this.slots.require(board)
      await quieten(card)
      try {
        await within(resetMs, driver.reset(), 'The reset did not end')
      } catch (error) {
        card.setBusMaster(false)
        throw error
      }
    })
  }

  /** With bus mastering off, so that nothing reaches the memory whatever the engine does: not every board has a reset. */
  unlock(board: string): Promise<StopReport> {
    return report('Nothing is locked.', async () => {
      await this.locks.settle(board)
      const card = this.slots.find(board)?.card
      if (!card) return
      const { busMaster } = card
      await quieten(card)
      for (const { lockId } of this.locks.ofBoard(board)) await this.locks.unlock(lockId)
      if (busMaster) card.setBusMaster(true)
    })
  }
}

/** From here on the board starts no access, and none is under way. */
export async function quieten(card: Card): Promise<void> {
  card.setBusMaster(false)
  const deadline = performance.now() + quietMs
  while (card.pendingTransactions > 0) {
    if (performance.now() >= deadline) {
      throw new PinlabError(
        'PINLAB_BOARD_FAULT',
        `Accesses of the board are still under way ${quietMs} ms after bus mastering was switched off, so its memory stays locked.`,
      )
    }
    await sleep(pollMs)
  }
}

export async function report(detail: string, work: () => Promise<void>): Promise<StopReport> {
  try {
    await coded(work)
    return { ok: true, detail }
  } catch (error) {
    return { ok: false, detail: (error as Error).message }
  }
}
