// A board with its lease and its live sessions: what changes about it, composed of three features.

import type { BoardRow } from '../boards/board-store.ts'
import { type Boards, unknownBoard } from '../boards/boards.ts'
import type { Sharing } from '../bookings/sharing.ts'
import type { LockLimits } from '../config.ts'
import { mostUpcoming } from '../contract/limits.ts'
import type { BoardDetail, BoardStatus, BoardSummary } from '../contract/overview.ts'
import type { Dma } from '../dma/dma.ts'

export class BoardStatuses {
  constructor(
    private readonly boards: Boards,
    private readonly sharing: Sharing,
    private readonly dma: Dma,
    private readonly limits: LockLimits,
  ) {}

  async statusOf(board: string): Promise<BoardStatus> {
    const { bookings, leases, places } = this.sharing
    const [row, lease, sessions, upcoming, queue] = await Promise.all([
      this.boards.state(board),
      leases.current(board),
      this.dma.liveSessions(board),
      bookings.upcoming(board, mostUpcoming),
      places.list({ board }),
    ])
    return this.#compose(row, { lease, sessions, bookings: upcoming, queue })
  }

  /** Null where there is no such board. */
  async find(board: string): Promise<BoardStatus | null> {
    const known = (await this.boards.describe()).some(({ id }) => id === board)
    return known ? this.statusOf(board) : null
  }

  /** With as many questions to the database for a hundred boards as for one. */
  async list(): Promise<BoardSummary[]> {
    const { bookings, leases, places } = this.sharing
    const [descriptions, rows, held, sessions, upcoming, lines] = await Promise.all([
      this.boards.describe(),
      this.boards.states(),
      leases.live(),
      this.dma.liveSessions(),
      bookings.upcomingOfAll(mostUpcoming),
      places.lines(),
    ])
    return descriptions.map(({ id, name, tags, bus, address, driver }) => {
      const row = rows.get(id)
      if (!row) throw unknownBoard(id)
      const status = this.#compose(row, {
        lease: held.find(({ board }) => board === id) ?? null,
        sessions: sessions.filter(({ board }) => board === id),
        bookings: upcoming.get(id) ?? [],
        queue: lines.get(id) ?? [],
      })
      return { id, name, tags, bus, address, driver, status }
    })
  }

  async one(board: string): Promise<BoardDetail> {
    return { ...(await this.boards.describeOne(board)), status: await this.statusOf(board) }
  }

  #compose(
    row: BoardRow,
    parts: Pick<BoardStatus, 'lease' | 'sessions' | 'bookings' | 'queue'>,
  ): BoardStatus {
    const { id: board, state, stateSince, stateReason, step, dirty } = row
    const { lease, sessions } = parts
    return {
      board,
      state,
      stateSince: stateSince.toISOString(),
      stateReason,
      step,
      health: this.boards.health(board),
      dirty,
      ...parts,
      faults: this.dma.faults.of(board, lease),
      lockedByteLength: sessions.reduce((sum, { byteLength }) => sum + byteLength, 0),
      limits: {
        lockedByteLength: this.limits.lockedByteLengthPerBoard,
        locks: this.limits.locksPerLease,
      },
    }
  }
}
