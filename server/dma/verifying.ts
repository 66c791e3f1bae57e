// A pattern out to the board's memory and back: two recorded transfers, and where what came back differs.

import { record } from '../audit/audit.ts'
import type { Boards } from '../boards/boards.ts'
import type { DeviceHost, LeaseGrant } from '../boards/device-host.ts'
import type { Channel } from '../contract/board.ts'
import type { DmaSession, Transfer, Verification, VerifyRequest } from '../contract/dma-session.ts'
import { PinlabError } from '../errors.ts'
import type { Actor } from '../identity/permissions.ts'
import type { Database } from '../plugins/database/database.ts'
import { checkRange } from './data-rules.ts'
import { grantOf, type Locking } from './locking.ts'
import type { Transfers } from './transfers.ts'

/** A transfer that has timed out is stopped first, and then its end is recorded. */
const endMs = 10_000

interface Asker {
  session: string
  actor: Actor
  request: string
}

export class Verifying {
  /** Boards on which one runs: each takes memory of its own. */
  readonly #busy = new Set<string>()

  constructor(
    private readonly parts: {
      host: DeviceHost
      boards: Boards
      locking: Locking
      transfers: Transfers
      database: Database
    },
  ) {}

  /** Overwrites the range of the lock, and as much of the board's memory from `deviceAddress` on. */
  async verify(asker: Asker, asked: VerifyRequest): Promise<Verification> {
    const { locking, boards } = this.parts
    const { session, lease } = await locking.controlled(asker.session, asker.actor)
    checkRange(asked, session.byteLength)
    checkPair(asked, session, (await boards.describeOne(session.board)).channels)
    if (this.#busy.has(session.board)) throw busy(session.board)
    this.#busy.add(session.board)
    try {
      return await this.#outAndBack(asker, session, grantOf(lease), asked)
    } finally {
      this.#busy.delete(session.board)
    }
  }

  async #outAndBack(
    asker: Asker,
    session: DmaSession,
    grant: LeaseGrant,
    asked: VerifyRequest,
  ): Promise<Verification> {
    const { host } = this.parts
    const { pattern, seed, offset, byteLength } = asked
    const filled = { pattern, seed, offset, byteLength }
    await this.#record('dma.verify.requested', asker, session.board, asked)
    await host.fill(grant, session.id, filled)
    const out = await this.#move(asker, asked, asked.out)
    // Every byte is wrong from here on: one that does not come back is seen.
    await host.invert(grant, session.id, { offset, byteLength })
    const back = await this.#move(asker, asked, asked.in)
    const errors = await host.compare(session.id, filled)
    const found = { ranges: errors.ranges, byteLength: errors.byteLength }
    const first = errors.first[0]?.offset
    await this.#record('dma.verify.ended', asker, session.board, {
      ...{ out: out.n, in: back.n, errors: found },
      ...(first === undefined ? {} : { firstErrorOffset: first }),
    })
    return { out, in: back, errors }
  }

  async #move(asker: Asker, asked: VerifyRequest, channel: string): Promise<Transfer> {
    const { transfers } = this.parts
    const { offset, byteLength, deviceAddress, timeoutMs } = asked
    const wanted = { channel, mode: 'once', offset, byteLength, deviceAddress, timeoutMs } as const
    const { session, actor, request } = asker
    const { n } = await transfers.start(session, actor, wanted, request)
    const ended = await transfers.wait(session, n, timeoutMs + endMs)
    if (ended.state !== 'done') throw incomplete(ended)
    return ended
  }

  async #record(
    type: 'dma.verify.requested' | 'dma.verify.ended',
    { session, actor, request }: Asker,
    board: string,
    detail: Record<string, unknown>,
  ): Promise<void> {
    await this.parts.database.write((tx) =>
      record(tx, { type, actor: actor.id, board, session, request, detail }),
    )
  }
}

function checkPair(asked: VerifyRequest, session: DmaSession, channels: Channel[]): void {
  if (session.direction !== 'toFromDevice') {
    throw new PinlabError(
      'PINLAB_TRANSFER_DIRECTION',
      'A pattern goes out and comes back: lock memory in both directions.',
    )
  }
  for (const [id, direction] of [
    [asked.out, 'h2c'],
    [asked.in, 'c2h'],
  ]) {
    const channel = channels.find((one) => one.id === id)
    if (channel?.kind === 'memory' && channel.direction === direction) continue
    throw new PinlabError(
      'PINLAB_TRANSFER_MODE',
      `${id} is no ${direction} channel to the board's memory. Name one of each direction.`,
    )
  }
}

function busy(board: string): PinlabError {
  return new PinlabError(
    'PINLAB_TRANSFER_CHANNEL_BUSY',
    `A pattern is on its way on ${board} already. Wait until it is back.`,
  )
}

function incomplete({ n, channel, state, failure }: Transfer): PinlabError {
  const why = failure ? `: ${failure.detail}` : '.'
  return new PinlabError(
    'PINLAB_VERIFY_INCOMPLETE',
    `Transfer ${n} on ${channel} was ${state}${why} Nothing was compared.`,
    { wdStatus: failure?.wdStatus ?? null, members: { transfer: n } },
  )
}
