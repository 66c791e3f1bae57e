// The feeds of the boards that somebody watches.

import type { Transfer } from '../contract/dma-session.ts'
import { BoardFeed, type FeedParts, type Watcher } from './board-feed.ts'

export class BoardFeeds {
  readonly #feeds = new Map<string, Entry>()

  constructor(private readonly parts: FeedParts) {}

  /** Resolves when the watcher has been sent the board's status. The answer's `stop` may be called before that. */
  watch(board: string, watcher: Watcher): { started: Promise<void>; stop: () => void } {
    const entry = this.#entryFor(board)
    entry.watches += 1
    let wanted = true
    const stop = () => {
      if (!wanted) return
      wanted = false
      entry.feed.remove(watcher)
      entry.watches -= 1
      if (entry.watches > 0) return
      entry.feed.stop()
      this.#feeds.delete(board)
    }
    return { started: entry.feed.add(watcher, () => wanted), stop }
  }

  statusChanged(board: string): void {
    this.#feeds.get(board)?.feed.statusChanged()
  }

  transferChanged(board: string, session: string, transfer: Transfer): void {
    this.#feeds.get(board)?.feed.transferChanged(session, transfer)
  }

  #entryFor(board: string): Entry {
    let entry = this.#feeds.get(board)
    if (!entry) {
      entry = { feed: new BoardFeed(board, this.parts), watches: 0 }
      this.#feeds.set(board, entry)
    }
    return entry
  }
}

interface Entry {
  feed: BoardFeed
  watches: number
}
