// Bookings, leases, queue and policy, put together.

import type { Outcomes } from '../audit/outcomes.ts'
import type { Boards } from '../boards/boards.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../plugins/database/database.ts'
import { Bookings } from './bookings.ts'
import { CalendarFeeds } from './calendar-feed.ts'
import { LeaseSharing } from './lease-sharing.ts'
import { LeaseTime } from './lease-time.ts'
import { Leases } from './leases.ts'
import { Maintenance } from './maintenance.ts'
import { Policies } from './policies.ts'
import { Queue } from './queue.ts'
import { QueuePlaces } from './queue-places.ts'
import { SharingSweep } from './sharing-sweep.ts'

export class Sharing {
  readonly policies: Policies
  readonly places: QueuePlaces
  readonly queue: Queue
  readonly leases: Leases
  readonly leaseSharing: LeaseSharing
  readonly bookings: Bookings
  readonly maintenance: Maintenance
  readonly feeds: CalendarFeeds
  readonly sweeping: SharingSweep

  constructor(boards: Boards, database: Database, clock: Clock, outcomes: Outcomes) {
    this.policies = new Policies(boards, database)
    this.places = new QueuePlaces(boards, database, clock)
    this.queue = new Queue(this.places, boards, database, clock)
    const time = new LeaseTime(this.queue, clock)
    this.leases = new Leases(boards, database, clock, time, outcomes)
    this.leaseSharing = new LeaseSharing(this.leases, clock)
    this.bookings = new Bookings(boards, this.leases, database, clock)
    this.feeds = new CalendarFeeds(boards, database, clock)
    const { bookings, leases, queue } = this
    this.maintenance = new Maintenance(boards, bookings, leases, queue, database, clock)
    this.sweeping = new SharingSweep({ boards, bookings, leases, queue, database, clock })
  }
}
