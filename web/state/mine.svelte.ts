// What is one's own in the lab: bookings that are on or come, places in lines, and DMA sessions.

import type { Booking, QueueEntry } from '../../server/contract/booking.ts'
import type { DmaSessionSummary } from '../../server/contract/dma-session.ts'
import { listBookings, listMyPlaces } from '../api/bookings.ts'
import { listSessions } from '../api/http.ts'
import { account } from './account.svelte.ts'
import { Action } from './action.svelte.ts'

const perPage = 100
const shownSessions = 8

export class Mine {
  bookings = $state.raw<Booking[]>([])
  /** There are more bookings than are shown. */
  isCut = $state(false)
  places = $state.raw<QueueEntry[]>([])
  sessions = $state.raw<DmaSessionSummary[]>([])
  loaded = $state(false)
  readonly loading = new Action()

  load = (): Promise<boolean> =>
    this.loading.run(async () => {
      const [bookings, places, sessions] = await Promise.all([
        listBookings({ mine: true, limit: perPage }),
        listMyPlaces(),
        listSessions({ limit: 50 }),
      ])
      this.bookings = bookings.items.filter(({ kind }) => kind === 'booking')
      this.isCut = bookings.next !== null
      this.places = places.items
      const own = sessions.items.filter(({ owner }) => owner === account.me?.id)
      this.sessions = own.slice(0, shownSessions)
      this.loaded = true
    })
}
