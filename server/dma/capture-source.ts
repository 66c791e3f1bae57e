// What a capture was taken from: how far the board had come, whether it was still writing, and what it is.

import type { Boards } from '../boards/boards.ts'
import type { BoardDescription } from '../contract/board.ts'
import type { Capture } from '../contract/capture.ts'
import type { DmaSession } from '../contract/dma-session.ts'
import { PinlabError } from '../errors.ts'
import type { Database } from '../plugins/database/database.ts'
import type { ByteRange } from './data-rules.ts'
import type { Locking } from './locking.ts'
import { hasReceived } from './transfer-store.ts'
import type { Transfers } from './transfers.ts'

type Found = Pick<Capture, 'mayBeTorn' | 'bytesCompleted' | 'provenance'>

export class CaptureSource {
  constructor(
    private readonly boards: Boards,
    private readonly locking: Locking,
    private readonly transfers: Transfers,
    private readonly database: Database,
  ) {}

  /** Looked at before the copy and after it. */
  async look(id: string): Promise<{ after(): Promise<Found> }> {
    const session = await this.locking.require(id)
    const board = await this.boards.describeOne(session.board)
    const writers = writersOf(board)
    const writesBefore = this.#isWriting(id, writers)
    const newest = session.transfers.find(({ channel }) => writers.has(channel))
    const bytesCompleted = newest ? (await this.transfers.read(id, newest.n)).bytesCompleted : 0
    return {
      after: async () => {
        const later = await this.locking.require(id)
        const mayBeTorn =
          writesBefore || this.#isWriting(id, writers) || hasBegun(session, later, writers)
        return { mayBeTorn, bytesCompleted, provenance: provenanceOf(board, later) }
      },
    }
  }

  async provenanceOf(session: DmaSession): Promise<Capture['provenance']> {
    return provenanceOf(await this.boards.describeOne(session.board), session)
  }

  /** Whether the board ever completed bytes into the lock. */
  async hasReceived({ id, board }: Pick<DmaSession, 'id' | 'board'>): Promise<boolean> {
    const writers = writersOf(await this.boards.describeOne(board))
    return (
      this.transfers
        .running(id)
        .some(({ channel, bytesCompleted }) => writers.has(channel) && bytesCompleted > 0) ||
      hasReceived(this.database.reader, id, [...writers])
    )
  }

  /** Refuses while a transfer from the board is filling this range of the lock: nobody would know whose bytes are where. */
  async checkNotFilled({ id, board }: Pick<DmaSession, 'id' | 'board'>, range: ByteRange) {
    const writers = writersOf(await this.boards.describeOne(board))
    const filling = this.transfers
      .running(id)
      .find((one) => writers.has(one.channel) && overlaps(one, range))
    if (!filling) return
    throw new PinlabError(
      'PINLAB_LOCK_BUSY',
      `Transfer ${filling.n} on ${filling.channel} is filling this part of the lock. Stop it first.`,
      { wdStatus: 'WD_TRY_AGAIN' },
    )
  }

  #isWriting(session: string, writers: ReadonlySet<string>): boolean {
    return this.transfers.running(session).some(({ channel }) => writers.has(channel))
  }
}

const overlaps = (a: ByteRange, b: ByteRange) =>
  a.offset < b.offset + b.byteLength && b.offset < a.offset + a.byteLength

function writersOf({ channels }: BoardDescription): ReadonlySet<string> {
  return new Set(channels.filter(({ direction }) => direction === 'c2h').map(({ id }) => id))
}

/** Also one that has ended by now. A session shows its newest transfers; more than those began, then, if all of them are new. */
function hasBegun(before: DmaSession, after: DmaSession, writers: ReadonlySet<string>): boolean {
  const fresh = after.transfers.filter(({ n }) => n > before.transferCount)
  const isMore = after.transferCount - before.transferCount > fresh.length
  return isMore || fresh.some(({ channel }) => writers.has(channel))
}

/** What samples the bytes are is known only of a stream that was received into the lock. */
function provenanceOf(
  { identity, sampleFormat }: BoardDescription,
  { transfers }: DmaSession,
): Capture['provenance'] {
  const isSampled = transfers.some(({ channel }) => channel === sampleFormat?.channel)
  const { channel: _, ...sample } = sampleFormat ?? { channel: '' }
  return {
    model: identity?.model ?? null,
    buildId: identity?.buildId ?? null,
    sample: isSampled ? (sample as NonNullable<Capture['provenance']['sample']>) : null,
  }
}
