// A list from the server, newest first, page by page, with a filter.

import type { Listing } from '../api/http.ts'
import { Action } from './action.svelte.ts'

export class Pages<Item, Filter extends object> {
  items = $state.raw<Item[]>([])
  next = $state<string | null>(null)
  loaded = $state(false)
  readonly loading = new Action()
  #filter: Filter | null = null
  /** Counts the filters asked for: an answer to an older one is not shown. */
  #asked = 0

  constructor(
    private readonly read: (filter: Filter & { cursor?: string }) => Promise<Listing<Item>>,
  ) {}

  async show(filter: Filter): Promise<void> {
    this.#filter = filter
    const asked = ++this.#asked
    // Actions run one at a time; a newer filter need not wait for the older answer.
    this.loading.busy = false
    await this.loading.run(async () => {
      const { items, next } = await this.read(filter)
      if (asked !== this.#asked) return
      this.items = items
      this.next = next
      this.loaded = true
    })
  }

  reload = async (): Promise<void> => {
    if (this.#filter) await this.show(this.#filter)
  }

  more = async (): Promise<void> => {
    const [cursor, filter] = [this.next, this.#filter]
    if (!cursor || !filter) return
    const asked = this.#asked
    await this.loading.run(async () => {
      const { items, next } = await this.read({ ...filter, cursor })
      if (asked !== this.#asked) return
      this.items = [...this.items, ...items]
      this.next = next
    })
  }
}
