// A board with its lease and its live sessions: what changes about it, composed of three features.

import type { Boards } from '../boards/boards.ts'
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
    const [row, lease, sessions, upcoming, line] = await Promise.all([
      this.boards.state(board),
      leases.current(board),
      this.dma.liveSessions(board),
      bookings.upcoming(board, mostUpcoming),
      places.list({ board }),
    ])
    return {
      board,
      state: row.state,
      stateSince: row.stateSince.toISOString(),
      stateReason: row.stateReason,
      step: row.step,
      health: this.boards.health(board),
      dirty: row.dirty,
      lease,
      bookings: upcoming,
      queue: line,
      sessions,
      faults: this.dma.faults.of(board, lease),
      lockedByteLength: sessions.reduce((sum, { byteLength }) => sum + byteLength, 0),
      limits: {
        lockedByteLength: this.limits.lockedByteLengthPerBoard,
        locks: this.limits.locksPerLease,
      },
    }
  }

  /** Null where there is no such board. */
  async find(board: string): Promise<BoardStatus | null> {
    const known = (await this.boards.describe()).some(({ id }) => id === board)
    return known ? this.statusOf(board) : null
  }

  async list(): Promise<BoardSummary[]> {
    const descriptions = await this.boards.describe()
    return Promise.all(
      descriptions.map(async ({ id, name, tags, bus, address, driver }) => ({
        id,
        name,
        tags,
        bus,
        address,
        driver,
        status: await this.statusOf(id),
      })),
    )
  }

  async one(board: string): Promise<BoardDetail> {
    return { ...(await this.boards.describeOne(board)), status: await this.statusOf(board) }
  }
}
