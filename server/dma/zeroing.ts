// The step between two people that clears the board's own memory, or says that it could not be cleared.

import type { FastifyBaseLogger } from 'fastify'
import type { Boards } from '../boards/boards.ts'
import type { DeviceHost } from '../boards/device-host.ts'

export class Zeroing {
  constructor(
    private readonly host: DeviceHost,
    private readonly boards: Boards,
    private readonly log: FastifyBaseLogger,
  ) {}

  /** A board that cannot be cleared goes on: whoever takes it is told. */
  async zero(board: string): Promise<void> {
    await this.boards.setStep(board, 'zeroing')
    const { ok, detail } = await this.host.zeroBoard(board)
    if (!ok) this.log.warn({ board, detail }, 'the memory of a board was not cleared')
    await this.boards.setDirty(board, ok ? null : detail)
  }
}
