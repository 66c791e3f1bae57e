// Bookings, leases, queue and policy, put together.

import type { Boards } from '../boards/boards.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../plugins/database/database.ts'
import { Bookings } from './bookings.ts'
import { CalendarFeeds } from './calendar-feed.ts'
import { LeaseTime } from './lease-time.ts'
import { Leases } from './leases.ts'
import { Policies } from './policies.ts'
import { Queue } from './queue.ts'
import { SharingSweep } from './sharing-sweep.ts'

export class Sharing {
  readonly policies: Policies
  readonly queue: Queue
  readonly leases: Leases
  readonly bookings: Bookings
  readonly feeds: CalendarFeeds
  readonly sweeping: SharingSweep

  constructor(boards: Boards, database: Database, clock: Clock) {
    this.policies = new Policies(boards, database)
    this.queue = new Queue(boards, database, clock)
    this.leases = new Leases(boards, database, clock, new LeaseTime(this.queue, clock))
    this.bookings = new Bookings(boards, this.leases, this.queue, database, clock)
    this.feeds = new CalendarFeeds(boards, database, clock)
    const { bookings, leases, queue } = this
    this.sweeping = new SharingSweep({ boards, bookings, leases, queue, database, clock })
  }
}
