// The bookings of a stretch of time, kept current while it is shown.

import type { Booking } from '../../server/contract/booking.ts'
import type { BoardSummary } from '../../server/contract/overview.ts'
import { listBookings } from '../api/bookings.ts'
import type { Span } from '../shared/span.ts'
import { Action } from './action.svelte.ts'

const perPage = 200
/** A week of a large lab; what lies beyond is said to be missing. */
const mostPages = 10
/** What the boards' status does not tell of, as the seventh booking of a day, is seen after so long. */
const everyMs = 60_000

export class Calendar {
  bookings = $state.raw<Booking[]>([])
  /** There are more than are shown. */
  isCut = $state(false)
  loaded = $state(false)
  readonly loading = new Action()
  #span: Span | null = null
  /** Counts what was asked for: an answer to an older question is not shown. */
  #asked = 0

  /** Reads again now and then, until the result is called. */
  start(): () => void {
    const timer = setInterval(() => {
      if (!document.hidden) void this.reload()
    }, everyMs)
    return () => clearInterval(timer)
  }

  async show(span: Span): Promise<void> {
    const isOther = span.start !== this.#span?.start || span.end !== this.#span.end
    this.#span = span
    if (isOther) this.loaded = false
    const asked = ++this.#asked
    // Actions run one at a time; a newer question need not wait for the older answer.
    this.loading.busy = false
    await this.loading.run(async () => {
      const { bookings, isCut } = await readAll(span)
      if (asked !== this.#asked) return
      this.bookings = bookings
      this.isCut = isCut
      this.loaded = true
    })
  }

  reload = async (): Promise<void> => {
    if (this.#span) await this.show(this.#span)
  }
}

async function readAll({ start, end }: Span): Promise<{ bookings: Booking[]; isCut: boolean }> {
  const filter = { from: iso(start), to: iso(end), limit: perPage }
  const bookings: Booking[] = []
  let cursor: string | null = null
  for (let page = 0; page < mostPages; page++) {
    const { items, next } = await listBookings(cursor ? { ...filter, cursor } : filter)
    bookings.push(...items)
    cursor = next
    if (!cursor) break
  }
  return { bookings, isCut: cursor !== null }
}

const iso = (at: number) => new Date(at).toISOString()

/** Another text whenever a board's bookings or its line have changed. */
export function sharingKey(boards: readonly BoardSummary[]): string {
  return boards
    .map(({ id, status }) => {
      const bookings = status.bookings.map((one) => `${one.id}/${one.version}`)
      const line = status.queue.map((one) => `${one.id}/${one.state}`)
      return `${id} ${bookings.join()} ${line.join()} ${status.lease?.id ?? ''}`
    })
    .join('\n')
}
