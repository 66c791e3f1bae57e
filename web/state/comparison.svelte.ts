// Where one capture differs from another, or from memory: read page by page, gone through one by one.

import type { Difference, DifferenceQuery, Differences } from '../../server/contract/capture.ts'
import { compareCapture } from '../api/captures.ts'
import { Action } from './action.svelte.ts'

export type ComparedWith = Pick<DifferenceQuery, 'with' | 'session'>

const pageLength = 200

export class Comparison {
  readonly reading = new Action()
  /** Of the first page, which counts all; null until it is here. */
  found = $state.raw<Differences | null>(null)
  ranges = $state.raw<Difference[]>([])
  /** Index of the range that is looked at. */
  chosen = $state(0)
  #next = $state<number | null>(null)
  #other: ComparedWith = {}

  constructor(private readonly capture: string) {}

  /** There are more than were read. */
  get hasMore(): boolean {
    return this.#next !== null
  }

  async read(other: ComparedWith): Promise<boolean> {
    this.found = null
    this.ranges = []
    this.chosen = 0
    this.#other = other
    return this.reading.run(async () => {
      const page = await this.#page(0)
      this.found = page
      this.#add(page)
    })
  }

  choose(index: number): void {
    this.chosen = Math.max(0, Math.min(index, this.ranges.length - 1))
  }

  /** Goes so many on; beyond what was read, reads on. */
  async step(by: number): Promise<void> {
    const index = this.chosen + by
    if (index >= this.ranges.length && this.#next !== null) {
      const next = this.#next
      const isRead = await this.reading.run(async () => this.#add(await this.#page(next)))
      if (!isRead) return
    }
    this.choose(index)
  }

  #page(offset: number): Promise<Differences> {
    return compareCapture(this.capture, { ...this.#other, offset, limit: pageLength })
  }

  #add({ ranges, next }: Differences): void {
    this.#next = next
    this.ranges = [...this.ranges, ...ranges]
  }
}
