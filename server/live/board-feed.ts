// What those who watch one board are sent: its status and its transfers, read and serialised once however many watch.

import type { Transfer } from '../contract/dma-session.ts'
import type { BoardStatus } from '../contract/overview.ts'
import { PinlabError } from '../errors.ts'
import { Coalescer } from './coalescer.ts'
import { liveLimits } from './live-rules.ts'
import type { LiveTimers } from './live-timers.ts'

export interface Watcher {
  /** The client's number for this watch. */
  id: number
  send(text: string): void
}

export interface FeedParts {
  timers: LiveTimers
  statusOf: (board: string) => Promise<BoardStatus | null>
  onError: (error: unknown) => void
}

export class BoardFeed {
  readonly #watchers = new Set<Watcher>()
  readonly #status: Coalescer
  readonly #transfers = new Map<string, TransferFeed>()
  #changes = 0

  constructor(
    private readonly board: string,
    private readonly parts: FeedParts,
  ) {
    this.#status = new Coalescer(parts.timers, liveLimits.eventPeriodMs, () => this.#sendStatus())
  }

  /** Sends the status as it is; from then on the watcher is told of each change. */
  async add(watcher: Watcher, isStillWanted: () => boolean): Promise<void> {
    const seen = this.#changes
    const status = await this.parts.statusOf(this.board)
    if (!status) throw new PinlabError('PINLAB_BOARD_UNKNOWN', `There is no board ${this.board}.`)
    if (!isStillWanted()) return
    watcher.send(JSON.stringify({ op: 'watching', id: watcher.id, board: this.board }))
    this.#watchers.add(watcher)
    watcher.send(eventText(watcher.id, { type: 'board', status }))
    if (seen !== this.#changes) this.#status.poke()
  }

  remove(watcher: Watcher): void {
    this.#watchers.delete(watcher)
  }

  statusChanged(): void {
    this.#changes += 1
    this.#status.poke()
  }

  transferChanged(session: string, transfer: Transfer): void {
    const key = `${session} ${transfer.n}`
    const running = this.#transfers.get(key)
    if (running) {
      running.newest = transfer
      running.coalescer.poke()
      return
    }
    const feed: TransferFeed = {
      newest: transfer,
      coalescer: new Coalescer(
        this.parts.timers,
        liveLimits.eventPeriodMs,
        () => this.#send({ type: 'transfer', session, transfer: feed.newest }),
        () => this.#transfers.delete(key),
      ),
    }
    this.#transfers.set(key, feed)
    feed.coalescer.poke()
  }

  stop(): void {
    this.#status.stop()
    for (const { coalescer } of this.#transfers.values()) coalescer.stop()
  }

  async #sendStatus(): Promise<void> {
    try {
      const status = await this.parts.statusOf(this.board)
      if (status) this.#send({ type: 'board', status })
    } catch (error) {
      this.parts.onError(error)
    }
  }

  #send(event: Record<string, unknown>): void {
    const members = JSON.stringify(event).slice(1)
    for (const watcher of this.#watchers) {
      watcher.send(`{"op":"event","id":${watcher.id},${members}`)
    }
  }
}

interface TransferFeed {
  newest: Transfer
  coalescer: Coalescer
}

function eventText(id: number, event: Record<string, unknown>): string {
  return JSON.stringify({ op: 'event', id, ...event })
}
