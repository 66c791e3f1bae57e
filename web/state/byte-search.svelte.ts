// A search in a lock's memory: how often it is there, and the next place from here.

import { searchLimits } from '../../server/contract/limits.ts'
import { searchData } from '../api/http.ts'
import { Action } from './action.svelte.ts'

export interface SearchNeedle {
  bytes: Uint8Array
  /** As long as the bytes. Only bits that are 1 must agree. */
  mask: Uint8Array
  /** Found only at multiples of this. */
  alignment: number
}

export class ByteSearch {
  readonly searching = new Action()
  /** What is marked wherever it is shown. */
  needle = $state.raw<SearchNeedle | null>(null)
  current = $state<number | null>(null)
  /** Where it was in the memory when it was looked for; null while that is not known. */
  count = $state<number | null>(null)
  /** There are more than are counted. */
  more = $state(false)
  /** Counts what was asked for: an older search ends itself. */
  #asked = 0

  /** The first match from there on, and how many there are. */
  async find(session: string, needle: SearchNeedle, from: number): Promise<number | null> {
    this.needle = needle
    this.count = null
    const found = await this.#go(session, from, false)
    if (found !== null) void this.#tally(session)
    else if (!this.searching.problem) this.count = 0
    return found
  }

  next(session: string, from: number): Promise<number | null> {
    return this.#go(session, from + 1, false)
  }

  previous(session: string, from: number): Promise<number | null> {
    return this.#go(session, from - 1, true)
  }

  clear = (): void => {
    this.#asked++
    this.needle = null
    this.current = null
    this.count = null
    this.searching.dismiss()
  }

  /** Round the end of the lock, or its start, once. */
  async #go(session: string, from: number, backward: boolean): Promise<number | null> {
    const asked = ++this.#asked
    this.searching.busy = false
    let found: number | null = null
    await this.searching.run(async () => {
      if (from >= 0) found = await this.#first(session, from, backward, asked)
      const around = backward ? 0xffff_ffff : 0
      if (asked === this.#asked) found ??= await this.#first(session, around, backward, asked)
      if (asked === this.#asked) this.current = found
    })
    return asked === this.#asked ? found : null
  }

  async #first(session: string, from: number, backward: boolean, asked: number) {
    let next: number | null = from
    while (next !== null && asked === this.#asked) {
      const answer = await this.#ask(session, { offset: next, backward, limit: 1 })
      if (answer.matches[0] !== undefined) return answer.matches[0]
      next = answer.next
    }
    return null
  }

  async #tally(session: string): Promise<void> {
    const { needle } = this
    let count = 0
    let next: number | null = 0
    try {
      while (next !== null && count < searchLimits.matches) {
        const answer = await this.#ask(session, {
          offset: next,
          limit: searchLimits.matches - count,
        })
        if (needle !== this.needle) return
        count += answer.matches.length
        next = answer.next
      }
    } catch {
      // What is shown was found; how often there is more is not worth a complaint.
      return
    }
    this.count = count
    this.more = next !== null
  }

  #ask(session: string, range: { offset: number; backward?: boolean; limit: number }) {
    const { bytes, mask, alignment } = this.needle as SearchNeedle
    return searchData(session, { bytes: hex(bytes), mask: hex(mask), alignment, ...range })
  }
}

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
