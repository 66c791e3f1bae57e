// What the lab says about a board now: one word or name, and a line of facts below it.

import type { Booking } from '../../../server/contract/booking.ts'
import type { BoardStatus } from '../../../server/contract/overview.ts'
import { formatBytes, formatDay, formatHour, formatTimeLeft } from '../../shared/format.ts'
import type { Standing } from '../../shared/standing.ts'

export interface BoardFacts {
  words: string
  sub: string
  /** The line is figures rather than a sentence. */
  figures: boolean
}

export function boardFacts(
  status: BoardStatus,
  kind: Standing['kind'],
  { now, me }: { now: number; me: string },
): BoardFacts {
  const { lease } = status
  if (kind === 'yours' && lease) {
    const left = formatTimeLeft(Date.parse(lease.endsAt) - now)
    return {
      words: 'yours',
      sub: joined(left, lockedPart(status), waitingPart(status)),
      figures: true,
    }
  }
  if (kind === 'held' && lease) {
    const words = `${lease.holderName} until ${formatHour(lease.endsAt)}`
    const left = formatTimeLeft(Date.parse(lease.endsAt) - now)
    return { words, sub: joined(left, waitingPart(status)), figures: true }
  }
  const on = status.bookings.find(({ start }) => Date.parse(start) <= now)
  if (kind === 'free' && on) return promised(on, status, me)
  if (kind === 'free') {
    return {
      words: 'free',
      sub: joined(freeUntil(status, now), waitingPart(status)),
      figures: true,
    }
  }
  if (kind === 'maintenance' || on?.kind === 'maintenance') return maintained(status, on)
  return { words: kind, sub: status.stateReason ?? since(status), figures: false }
}

/** Free of a lease, though not of a promise. */
function promised(on: Booking, status: BoardStatus, me: string): BoardFacts {
  if (on.kind === 'maintenance') return maintained(status, on)
  const who = on.owner === me ? 'you' : on.ownerName
  const words = on.state === 'held' ? `offered to ${who}` : `booked by ${who}`
  return { words, sub: joined(`until ${formatHour(on.end)}`, waitingPart(status)), figures: true }
}

function maintained(status: BoardStatus, on: Booking | undefined): BoardFacts {
  const sub = on ? `until ${formatHour(on.end)}: ${on.note}` : (status.stateReason ?? since(status))
  return { words: 'maintenance', sub, figures: false }
}

/** Who is next and when, where somebody has the board or it is out of use; null where nobody is. */
export function nextWords(status: BoardStatus, now: number, me: string): string | null {
  const next = status.bookings.find(({ start }) => Date.parse(start) > now)
  if (!next) return null
  const who =
    next.kind === 'maintenance' ? 'maintenance' : next.owner === me ? 'you' : next.ownerName
  const isSoon = Date.parse(next.start) - now < 24 * 3_600_000
  return `next: ${who}, ${isSoon ? '' : `${formatDay(next.start)} `}${formatHour(next.start)}`
}

const joined = (...parts: (string | null)[]) => parts.filter(Boolean).join(' · ')

function lockedPart({ lockedByteLength }: BoardStatus): string | null {
  return lockedByteLength > 0 ? `${formatBytes(lockedByteLength)} locked` : null
}

function waitingPart({ queue }: BoardStatus): string | null {
  const waiting = queue.filter(({ state }) => state === 'waiting').length
  return waiting > 0 ? `${waiting} waiting` : null
}

function freeUntil({ bookings, health, stateSince }: BoardStatus, now: number): string {
  if (health && !health.ok) return health.detail
  const [next] = bookings
  if (!next)
    return health ? `healthy, ${formatHour(health.checkedAt)}` : `since ${formatHour(stateSince)}`
  const isFar = Date.parse(next.start) - now > 20 * 3_600_000
  return `until ${isFar ? `${formatDay(next.start)} ` : ''}${formatHour(next.start)}`
}

const since = ({ stateSince }: BoardStatus) => `since ${formatHour(stateSince)}`
