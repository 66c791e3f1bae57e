// What a person can do about a board now, and why not more. Pure; the server decides, by the same rules.

import type { PolicyRules, QueueEntry } from '../../../server/contract/booking.ts'
import { noShowMinutes } from '../../../server/contract/limits.ts'
import type { BoardStatus } from '../../../server/contract/overview.ts'
import { minuteMs } from '../span.ts'
import { timeIn } from '../zoned-time.ts'

/** claim: what the queue offers; begin: one's own booking; use: a free board. */
export interface Taking {
  kind: 'claim' | 'begin' | 'use'
  /** Until when one would have it. */
  until: number
  /** claim: until when it can be claimed. */
  claimBy: number | null
}

export interface Turn {
  taking: Taking | null
  /** Why it cannot be taken now; null where it can, or is one's own. */
  why: string | null
  /** The place that one has in its line. */
  place: QueueEntry | null
  mayJoin: boolean
  mayBook: boolean
}

export interface Asker {
  me: string
  mayBook: boolean
  controls: boolean
  /** Null until they are known. */
  rules: PolicyRules | null
  now: number
  zone: string
}

export function turnOf(status: BoardStatus, asker: Asker): Turn {
  const { me, mayBook } = asker
  const place = status.queue.find(({ person }) => person === me) ?? null
  const none = { taking: null, why: null, place, mayJoin: false, mayBook: false }
  if (!mayBook) return { ...none, why: asker.controls ? null : 'Your role books no boards' }
  if (asker.controls) return { ...none, mayBook: true }
  const isUsable = ['ready', 'leased', 'clearing'].includes(status.state)
  const taking = status.state === 'ready' ? takingOf(status, asker) : null
  const why = taking ? null : whyNot(status, asker)
  // Who could have it now need not wait for it.
  return { taking, why, place, mayBook: true, mayJoin: isUsable && !taking && !place }
}

function takingOf(status: BoardStatus, { me, rules, now }: Asker): Taking | null {
  const on = status.bookings.find(({ start }) => Date.parse(start) <= now)
  if (on) {
    if (on.owner !== me || on.kind === 'maintenance') return null
    const claimBy = on.state === 'held' && on.claimBy ? Date.parse(on.claimBy) : null
    return { kind: claimBy ? 'claim' : 'begin', until: Date.parse(on.end), claimBy }
  }
  const first = status.queue.find(({ state }) => state === 'waiting')
  if (first && first.person !== me) return null
  const [next] = status.bookings
  const longest = now + (rules?.defaultMinutes ?? 30) * minuteMs
  const slot = 5 * minuteMs
  const usual = Math.max(Math.floor(longest / slot) * slot, (Math.floor(now / slot) + 1) * slot)
  const until = next ? Math.min(usual, Date.parse(next.start)) : usual
  return until - now < minuteMs ? null : { kind: 'use', until, claimBy: null }
}

function whyNot(status: BoardStatus, { now, zone }: Asker): string {
  const { state, lease } = status
  const at = (time: string | number) =>
    timeIn(zone, typeof time === 'string' ? Date.parse(time) : time)
  if (state === 'quarantined' || state === 'offline') {
    return `Out of use${status.stateReason ? `: ${status.stateReason}` : ''}`
  }
  if (lease) return `${lease.holderName} has it until ${at(lease.endsAt)}`
  if (state === 'clearing') return 'Being cleared; a moment'
  const on = status.bookings.find(({ start }) => Date.parse(start) <= now)
  if (on?.kind === 'maintenance') return `Maintenance until ${at(on.end)}: ${on.note}`
  if (state === 'maintenance') return 'In maintenance'
  if (on?.state === 'held' && on.claimBy) {
    return `Offered to ${on.ownerName} until ${at(on.claimBy)}`
  }
  if (on) {
    const released = Date.parse(on.start) + noShowMinutes * minuteMs
    return `${on.ownerName} has booked it; free at ${at(released)} unless they come`
  }
  const first = status.queue.find(({ state }) => state === 'waiting')
  if (first) return `${first.personName} waits for it`
  const [next] = status.bookings
  return next ? `${next.ownerName} has booked it from ${at(next.start)}` : 'Not ready'
}
