// The registers of one XDMA channel, and what stands before or behind its stream.

import type { Card } from '../../native/index.ts'
import type { Channel } from '../contract/board.ts'
import { dmaBar } from './xdma-registers.ts'

/** What stands before or behind a stream channel. All of it is optional: a DAC needs none. */
export interface StreamPeer {
  /** Called after the engine was started. */
  open?(): void
  /** Ends the stream's packet, so that a descriptor that waits for data closes. */
  close?(): void
  /** Frames lost since the board's reset. */
  dropped?(): number
}

export class XdmaEngine {
  constructor(
    private readonly card: Card,
    readonly channel: Channel,
    readonly base: number,
    readonly peer: StreamPeer,
  ) {}

  read(register: number): number {
    return this.card.readRegister({ barIndex: dmaBar, offset: this.base + register, width: 32 })
  }

  write(register: number, value: number): void {
    this.card.writeRegister({ barIndex: dmaBar, offset: this.base + register, width: 32 }, value)
  }
}
