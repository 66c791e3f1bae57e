// Checks of boards that nobody has: each day, and when a keeper asks. A board that fails is out of use until it is cleared.

import type { FastifyBaseLogger } from 'fastify'
import { record } from '../audit/audit.ts'
import type { Boards } from '../boards/boards.ts'
import type { Leases } from '../bookings/leases.ts'
import type { Clock } from '../clock.ts'
import type { BoardState } from '../contract/board.ts'
import { PinlabError } from '../errors.ts'
import type { Asking } from '../identity/people.ts'
import type { Database } from '../plugins/database/database.ts'

const dayMs = 24 * 60 * 60_000

export class BoardHealth {
  readonly #checking = new Map<string, Promise<void>>()

  constructor(
    private readonly parts: {
      boards: Boards
      leases: Leases
      database: Database
      clock: Clock
      log: FastifyBaseLogger
    },
  ) {}

  /** Begins; what was found is the board's health. Refused while somebody has the board. */
  async request(board: string, { actor, request }: Asking): Promise<void> {
    const { boards, leases, database } = this.parts
    await database.write(async (tx) => {
      const { state } = await boards.state(board, tx)
      if (await leases.current(board, tx)) {
        throw new PinlabError(
          'PINLAB_LEASE_TAKEN',
          `Somebody has ${board}. It is checked when their lease ends.`,
        )
      }
      if (state !== 'ready' && state !== 'maintenance') {
        throw new PinlabError(
          'PINLAB_BOARD_NOT_READY',
          `${board} is ${state}. A board that is out of use is checked when it is brought back.`,
        )
      }
      await record(tx, { type: 'board.check-requested', actor: actor.id, board, request })
    })
    this.#begin(board)
  }

  /** Called once a second: begins the check of boards that are ready and were not checked for a day. */
  async sweep(): Promise<void> {
    const { boards, clock } = this.parts
    for (const id of await boards.inState('ready')) {
      // Whatever is ready was checked when it was opened; a board that is not in the configuration any more was not.
      const checkedAt = boards.health(id)?.checkedAt
      if (checkedAt === undefined) continue
      if (Math.abs(clock.now() - Date.parse(checkedAt)) >= dayMs) this.#begin(id)
    }
  }

  /** Waits for what is under way. */
  async settle(): Promise<void> {
    await Promise.all(this.#checking.values())
  }

  #begin(board: string): void {
    if (this.#checking.has(board)) return
    const work = this.#check(board)
      .catch((error) => this.parts.log.error({ err: error, board }, 'a check of a board failed'))
      .finally(() => this.#checking.delete(board))
    this.#checking.set(board, work)
  }

  async #check(board: string): Promise<void> {
    const { boards } = this.parts
    const { ok, detail } = await boards.check(board)
    if (ok) return
    // Whoever took it meanwhile sees what was found, and the end of their lease checks again.
    const from: BoardState[] = ['ready', 'maintenance']
    await boards.settleState({ board, state: 'quarantined', reason: detail, from })
  }
}
