// The time of a lease: each has a booking, so that the calendar shows it and nothing can overlap it.

import type { Clock } from '../clock.ts'
import type { Booking } from '../contract/booking.ts'
import type { Lease } from '../contract/lease.ts'
import { noShowMinutes } from '../contract/limits.ts'
import { PinlabError } from '../errors.ts'
import type { Actor } from '../identity/permissions.ts'
import type { Transaction } from '../plugins/database/database.ts'
import { checkWeekly, overlapRefusal, useNowEnd } from './booking-rules.ts'
import {
  addBooking,
  confirmBooking,
  moveBooking,
  readBooking,
  readLive,
  readShare,
} from './booking-store.ts'
import { type BoardRules, rulesFor, weekOf } from './policy-rules.ts'
import { readPolicy } from './policy-store.ts'
import type { Queue } from './queue.ts'
import { floorSlot, type Interval, minuteMs } from './slots.ts'

const dayMs = 24 * 60 * minuteMs

export class LeaseTime {
  constructor(
    private readonly queue: Queue,
    private readonly clock: Clock,
  ) {}

  /** The booking in which this person may take control now: the one that is on and theirs, or a new one on a free board. */
  async bookingFor(tx: Transaction, board: string, actor: Actor): Promise<Booking> {
    const now = this.clock.now()
    const rules = rulesFor(await readPolicy(tx), board)
    const busy = await readLive(tx, { board }, this.#ahead(rules))
    const on = busy.find((booking) => Date.parse(booking.start) <= now)
    if (!on) return this.#useNow(tx, board, actor, { rules, busy })
    if (on.owner !== actor.id || on.kind === 'maintenance') throw booked(on)
    if (on.state === 'held') await confirmBooking(tx, on)
    await this.queue.endClaimed(tx, board, actor.id)
    return on
  }

  /** More time for a lease, if nothing follows. Returns its new end. */
  async extend(tx: Transaction, lease: Lease, minutes: number | undefined): Promise<number> {
    const now = this.clock.now()
    const { board } = lease
    const rules = rulesFor(await readPolicy(tx), board)
    const booking = lease.booking === null ? null : await readBooking(tx, lease.booking)
    if (!booking) {
      throw new PinlabError(
        'PINLAB_LEASE_ENDED',
        'This lease is from before the calendar and cannot be extended. Release it and take control again.',
      )
    }
    if (await this.queue.isAhead(tx, board, lease.holder)) {
      throw new PinlabError(
        'PINLAB_QUEUE_WAITING',
        `Others wait for ${board}, so your time ends at ${lease.endsAt}.`,
      )
    }
    const start = Date.parse(booking.start)
    const wanted = {
      start: Date.parse(lease.endsAt),
      end: Date.parse(lease.endsAt) + (minutes ?? rules.defaultMinutes) * minuteMs,
    }
    const longest = (wanted.end - floorSlot(start)) / minuteMs
    if (longest > rules.longestMinutes) {
      throw new PinlabError(
        'PINLAB_BOOKING_LENGTH',
        `A booking of ${board} may last ${rules.longestMinutes} minutes; with these it would be ${longest}.`,
        { members: { rule: 'longestMinutes', limit: rules.longestMinutes, asked: longest } },
      )
    }
    const busy = await readLive(tx, { board }, this.#ahead(rules))
    const others = busy.filter(({ id }) => id !== booking.id)
    const follows = others.find((one) => Date.parse(one.start) < wanted.end)
    const asked = { board, wanted, rules, now, busy: others }
    if (follows) throw overlapRefusal(asked, follows)
    await this.#checkWeek(tx, lease.holder, asked)
    const moved = await moveBooking(tx, booking.id, {
      board,
      interval: { start, end: wanted.end },
    })
    if (!moved) throw new Error(`slots of ${board} were taken under a lease`)
    return wanted.end
  }

  /** The next booking, if it is the same person's and begins when the lease ends: nothing is torn down between them. */
  async follows(tx: Transaction, lease: Lease): Promise<Booking | null> {
    const at = Date.parse(lease.endsAt)
    const [next] = await readLive(tx, { board: lease.board }, { start: at, end: at + 1 })
    const isTheirs = next?.owner === lease.holder && next.kind === 'booking'
    return isTheirs && next.state === 'confirmed' && Date.parse(next.start) === at ? next : null
  }

  async #useNow(
    tx: Transaction,
    board: string,
    actor: Actor,
    { rules, busy }: { rules: BoardRules; busy: Booking[] },
  ): Promise<Booking> {
    const now = this.clock.now()
    if (await this.queue.isAhead(tx, board, actor.id)) {
      throw new PinlabError(
        'PINLAB_QUEUE_WAITING',
        `Others wait for ${board}. Join the queue, or book a time.`,
      )
    }
    const [next = null] = busy
    const end = useNowEnd(rules, next, now)
    const wanted = { start: now, end: end ?? now + rules.defaultMinutes * minuteMs }
    const asked = { board, wanted, rules, now, busy }
    if (end === null && next) throw overlapRefusal(asked, next)
    await this.#checkWeek(tx, actor.id, asked)
    const booking = await addBooking(tx, {
      board,
      owner: actor.id,
      ownerName: actor.name,
      interval: wanted,
      state: 'confirmed',
      createdAt: now,
    })
    if (!booking) throw new PinlabError('PINLAB_LEASE_TAKEN', `Somebody took ${board} just now.`)
    await this.queue.endClaimed(tx, board, actor.id)
    return booking
  }

  async #checkWeek(
    tx: Transaction,
    person: string,
    asked: { board: string; wanted: Interval; rules: BoardRules; now: number },
  ): Promise<void> {
    const week = weekOf(asked.rules.timezone, asked.now)
    const interval = { start: week.start, end: Math.max(week.end, asked.wanted.end) }
    checkWeekly(asked, { bookings: await readShare(tx, person, interval), now: asked.now })
  }

  /** From now on until nobody can have booked. */
  #ahead({ horizonDays }: BoardRules): Interval {
    const now = this.clock.now()
    return { start: now, end: now + (horizonDays + 1) * dayMs }
  }
}

function booked({ kind, board, ownerName, start, end, state, claimBy }: Booking): PinlabError {
  if (kind === 'maintenance') {
    return new PinlabError('PINLAB_BOARD_NOT_READY', `${board} is in maintenance until ${end}.`)
  }
  const released = new Date(Date.parse(start) + noShowMinutes * minuteMs).toISOString()
  const until = state === 'held' ? claimBy : released
  return new PinlabError(
    'PINLAB_BOOKING_OVERLAP',
    `${ownerName} has ${board} from ${start} to ${end}. It is released at ${until} unless they come.`,
    { members: { conflict: { start, end, ownerName }, releasedAt: until } },
  )
}
