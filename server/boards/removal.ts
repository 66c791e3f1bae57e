// What happens when the system wants a board's device back: it was unplugged, removed or unbound.

import { PinlabError } from '../errors.ts'
import type { BoardSlots } from './board-slots.ts'
import type { HostLocks } from './host-locks.ts'
import type { HostTransfers } from './host-transfers.ts'
import type { OpenBoard } from './open-board.ts'
import { within } from './within.ts'

const resetMs = 2_000

/** Ends transfers and locks and closes the card, which the system waits for. Returns why, for people; null: it was closed already. */
export async function removeBoard(
  board: OpenBoard,
  slots: BoardSlots,
  locks: HostLocks,
  transfers: HostTransfers,
): Promise<string | null> {
  const { id, card, driver } = board
  if (slots.find(id) !== board) return null
  const detail =
    'The system took the device away: it was unplugged, removed or unbound from vfio-pci. Plug it in or bind it again (`npx pinlab doctor` says how), then bring the board back into use.'
  // From here on nobody gets at it.
  slots.fail(id, { reason: detail, quarantine: false })
  const lost = { wdStatus: 'WD_OPERATION_FAILED' }
  transfers.lose(id, new PinlabError('PINLAB_BOARD_LINK_LOST', detail, lost))
  // Stops the engine if it still hears, and ends the driver's runs in any case.
  await within(resetMs, driver.reset(), 'The reset did not end').catch(() => {})
  await locks.settle(id)
  await card.close()
  locks.forget(id)
  return detail
}
