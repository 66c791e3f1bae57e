// The HTTP API of the calendar, the waiting lines and the lab's rules, one function for each route. Failures are ApiProblem.

import type {
  Booking,
  BookingChange,
  CalendarFeed,
  NewBooking,
  NewMaintenance,
  NewSeries,
  Policy,
  PolicyChange,
  QueueEntry,
  Series,
} from '../../server/contract/booking.ts'
import { type Listing, query } from './http.ts'
import { at, get, patch, post, remove } from './requests.ts'

export interface BookingFilter {
  board?: string
  from?: string
  to?: string
  mine?: boolean
  all?: boolean
  limit?: number
  cursor?: string
}

export const listBookings = (filter: BookingFilter) =>
  get<Listing<Booking>>(`/bookings?${query(filter)}`)
export const getBooking = (id: string) => get<Booking>(`/bookings/${at(id)}`)
export const makeBooking = (wanted: NewBooking) => post<Booking>('/bookings', wanted)
export const makeSeries = (wanted: NewSeries) => post<Series>('/bookings/series', wanted)
export const changeBooking = ({ id, version }: Booking, change: BookingChange) =>
  patch<Booking>(`/bookings/${at(id)}`, version, change)
export const planMaintenance = (board: string, wanted: NewMaintenance) =>
  post<Booking>(`/boards/${at(board)}/maintenance`, wanted)

export interface Cancelling {
  following?: boolean
  reason?: string
}
export const cancelBooking = (id: string, how: Cancelling) =>
  remove(`/bookings/${at(id)}?${query(how)}`)

export const listMyPlaces = () => get<Listing<QueueEntry>>('/queue/me')
export const joinQueue = (board: string) => post<QueueEntry>(`/boards/${at(board)}/queue`)
export const waitForTags = (tags: string[]) => post<QueueEntry>('/queue', { tags })
export const leaveQueue = (entry: string) => remove(`/queue/${at(entry)}`)

export const getPolicy = () => get<Policy>('/policy')
export const changePolicy = (version: number, change: PolicyChange) =>
  patch<Policy>('/policy', version, change)

export interface FeedState {
  exists: boolean
  createdAt: string | null
}
export const getFeed = () => get<FeedState>('/me/calendar')
export const makeFeed = () => post<CalendarFeed>('/me/calendar')
export const endFeed = () => remove('/me/calendar')
