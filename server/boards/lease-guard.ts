// The host's own check of leases: it does not trust that its callers looked at the clock.

import type { Clock } from '../clock.ts'
import { PinlabError } from '../errors.ts'
import type { LeaseGrant } from './device-host.ts'

export class LeaseGuard {
  #newest: LeaseGrant | null = null
  #withdrawn = ''
  /** The grant whose end was told of. */
  #expired: LeaseGrant | null = null

  constructor(
    private readonly board: string,
    private readonly clock: Clock,
  ) {}

  /** Refuses a stale lease. Ids are UUIDs of version 7, so that the text order is the order of their making. */
  check({ leaseId, deadline }: LeaseGrant): void {
    const known = this.#newest
    const isOlder = known !== null && leaseId < known.leaseId
    // A call may have set out before its lease was extended: leases become longer, never shorter.
    const latest = known?.leaseId === leaseId ? Math.max(known.deadline, deadline) : deadline
    if (isOlder || leaseId <= this.#withdrawn || latest <= this.clock.now()) {
      throw new PinlabError(
        'PINLAB_LEASE_ENDED',
        `The lease of ${this.board} has ended. Take control again.`,
      )
    }
    if (known?.leaseId !== leaseId || known.deadline !== latest) {
      this.#newest = { leaseId, deadline: latest }
    }
  }

  withdraw(leaseId: string): void {
    if (leaseId > this.#withdrawn) this.#withdrawn = leaseId
    if (this.#newest && this.#newest.leaseId <= leaseId) this.#newest = null
  }

  /** The lease whose deadline has passed, once for each deadline: it may have been extended at its last moment, and go on. */
  takeExpired(): LeaseGrant | null {
    const known = this.#newest
    if (!known || known === this.#expired || known.deadline > this.clock.now()) return null
    this.#expired = known
    return known
  }
}
