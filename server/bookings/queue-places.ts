// Who waits where, in which place, and when their turn may come.

import type { Boards } from '../boards/boards.ts'
import type { Clock } from '../clock.ts'
import type { QueueEntry } from '../contract/booking.ts'
import type { Database } from '../plugins/database/database.ts'
import { intervalOf } from './booking-rules.ts'
import { readBooking, readLive } from './booking-store.ts'
import { rulesFor } from './policy-rules.ts'
import { readPolicy } from './policy-store.ts'
import { estimateTurns, lineOf, lookAheadMs, type QueueBoard, suits } from './queue-rules.ts'
import { type QueueRow, readLine } from './queue-store.ts'

export class QueuePlaces {
  constructor(
    private readonly boards: Boards,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** A board's line; or all places of a person. */
  async list(where: { board: string } | { person: string }): Promise<QueueEntry[]> {
    const { reader } = this.database
    const entries = await readLine(reader)
    if (entries.length === 0) return []
    const boards = await this.#boards()
    if ('board' in where) {
      const board = boards.find(({ id }) => id === where.board)
      return board ? this.#describe(reader, lineOf(entries, board), board) : []
    }
    const mine = entries.filter(({ person }) => person === where.person)
    const described = await Promise.all(mine.map((entry) => this.#quickest(entry, entries, boards)))
    return described.filter((one) => one !== null)
  }

  /** The lines of all boards that somebody waits for. */
  async lines(): Promise<Map<string, QueueEntry[]>> {
    const { reader } = this.database
    const entries = await readLine(reader)
    if (entries.length === 0) return new Map()
    const boards = await this.#boards()
    const lines = boards.map(async (board) => {
      return [board.id, await this.#describe(reader, lineOf(entries, board), board)] as const
    })
    return new Map(await Promise.all(lines))
  }

  /** One place, of somebody who waits. */
  async find(id: string): Promise<QueueEntry | null> {
    const entries = await readLine(this.database.reader)
    const entry = entries.find((one) => one.id === id)
    return entry ? this.#quickest(entry, entries, await this.#boards()) : null
  }

  async #boards(): Promise<QueueBoard[]> {
    return (await this.boards.describe()).map(({ id, tags }) => ({ id, tags }))
  }

  /** As it stands on the board where its turn comes first. */
  async #quickest(
    entry: QueueRow,
    entries: QueueRow[],
    boards: QueueBoard[],
  ): Promise<QueueEntry | null> {
    const suited = boards.filter((board) => suits(entry, board))
    const places = await Promise.all(
      suited.map(async (board) => {
        const line = await this.#describe(this.database.reader, lineOf(entries, board), board)
        return line.find(({ id }) => id === entry.id)
      }),
    )
    const turn = ({ estimate }: QueueEntry) => (estimate ? Date.parse(estimate) : Infinity)
    const found = places.filter((one) => one !== undefined)
    return found.sort((a, b) => turn(a) - turn(b) || a.place - b.place)[0] ?? null
  }

  async #describe(
    reader: Database['reader'],
    line: QueueRow[],
    board: QueueBoard,
  ): Promise<QueueEntry[]> {
    if (line.length === 0) return []
    const now = this.clock.now()
    const { state } = await this.boards.state(board.id)
    const { defaultMinutes } = rulesFor(await readPolicy(reader), board.id)
    const busy = await readLive(reader, { board: board.id }, { start: now, end: now + lookAheadMs })
    const waiting = line.filter((entry) => entry.state === 'waiting')
    const turns = estimateTurns(waiting.length, busy.map(intervalOf), { now, defaultMinutes })
    const isUsable = state === 'ready' || state === 'leased' || state === 'clearing'
    return Promise.all(
      line.map(async (entry, index) => {
        const turn = turns[waiting.indexOf(entry)]
        return {
          id: entry.id,
          person: entry.person,
          personName: entry.personName,
          board: entry.board,
          tags: entry.tags,
          state: entry.state,
          joinedAt: entry.joinedAt.toISOString(),
          place: index + 1,
          estimate: isUsable && turn !== undefined ? new Date(turn).toISOString() : null,
          offer: entry.bookingId === null ? null : await readBooking(reader, entry.bookingId),
        }
      }),
    )
  }
}
