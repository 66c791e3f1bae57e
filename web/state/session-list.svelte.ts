// DMA sessions, newest first, page by page, with a filter.

import type { DmaSessionSummary } from '../../server/contract/dma-session.ts'
import { listSessions, type SessionFilter } from '../api/http.ts'
import { Action } from './action.svelte.ts'

export class SessionList {
  items = $state.raw<DmaSessionSummary[]>([])
  next = $state<string | null>(null)
  loaded = $state(false)
  readonly loading = new Action()
  #filter: SessionFilter = {}
  /** Counts the filters asked for: an answer to an older one is not shown. */
  #asked = 0

  async show(filter: SessionFilter): Promise<void> {
    this.#filter = filter
    const asked = ++this.#asked
    // Actions run one at a time; a newer filter need not wait for the older answer.
    this.loading.busy = false
    await this.loading.run(async () => {
      const { items, next } = await listSessions(filter)
      if (asked !== this.#asked) return
      this.items = items
      this.next = next
      this.loaded = true
    })
  }

  reload = (): Promise<void> => this.show(this.#filter)

  more = async (): Promise<void> => {
    const cursor = this.next
    if (!cursor) return
    const asked = this.#asked
    await this.loading.run(async () => {
      const { items, next } = await listSessions({ ...this.#filter, cursor })
      if (asked !== this.#asked) return
      this.items = [...this.items, ...items]
      this.next = next
    })
  }
}
