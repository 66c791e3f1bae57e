// The places of the lab's boards on this host: each is open, or says why it is not.

import type { Clock } from '../clock.ts'
import { DriverError } from '../drivers/board-driver.ts'
import { PinlabError } from '../errors.ts'
import type { BoardConfig } from '../lab-config.ts'
import type { BoardFailure, HostBoard } from './device-host.ts'
import { codedError } from './host-errors.ts'
import { describeClosed, OpenBoard } from './open-board.ts'

type BoardSlot =
  | { config: BoardConfig; board: OpenBoard }
  | { config: BoardConfig; failure: BoardFailure }

export class BoardSlots {
  private constructor(
    private readonly slots: Map<string, BoardSlot>,
    private readonly clock: Clock,
  ) {}

  /** Opens every board. One that cannot be opened says why; the others work. */
  static async open(configs: BoardConfig[], clock: Clock): Promise<BoardSlots> {
    const slots = new Map<string, BoardSlot>()
    for (const config of configs) slots.set(config.id, await openSlot(config, clock))
    return new BoardSlots(slots, clock)
  }

  get ids(): string[] {
    return [...this.slots.keys()]
  }

  get configs(): BoardConfig[] {
    return [...this.slots.values()].map(({ config }) => config)
  }

  get openBoards(): OpenBoard[] {
    return [...this.slots.values()].flatMap((slot) => ('board' in slot ? [slot.board] : []))
  }

  list(): HostBoard[] {
    return [...this.slots.values()].map((slot) =>
      'board' in slot
        ? { description: slot.board.describe(), failure: null }
        : { description: describeClosed(slot.config), failure: slot.failure },
    )
  }

  /** Null: it is not open. */
  find(id: string): OpenBoard | null {
    const slot = this.#slot(id)
    return 'board' in slot ? slot.board : null
  }

  require(id: string): OpenBoard {
    const slot = this.#slot(id)
    if ('board' in slot) return slot.board
    throw notOpen(id, slot.failure)
  }

  /** Its card was closed, or is about to be. */
  fail(id: string, failure: BoardFailure): void {
    this.slots.set(id, { config: this.#slot(id).config, failure })
  }

  /** Opens a board that is closed. Throws what it failed with. */
  async reopen(id: string): Promise<OpenBoard> {
    const slot = await openSlot(this.#slot(id).config, this.clock)
    this.slots.set(id, slot)
    if ('failure' in slot) throw notOpen(id, slot.failure)
    return slot.board
  }

  #slot(id: string): BoardSlot {
    const slot = this.slots.get(id)
    if (slot) return slot
    throw new PinlabError('PINLAB_BOARD_UNKNOWN', `There is no board ${id}.`)
  }
}

function notOpen(id: string, { reason }: BoardFailure): PinlabError {
  return new PinlabError('PINLAB_BOARD_NOT_READY', `${id} is not open: ${reason}`)
}

async function openSlot(config: BoardConfig, clock: Clock): Promise<BoardSlot> {
  try {
    return { config, board: await OpenBoard.open(config, clock) }
  } catch (error) {
    const quarantine = error instanceof DriverError && error.code === 'NOT_IDLE'
    const reason = (codedError(error) as Error).message
    return { config, failure: { reason, quarantine } }
  }
}
