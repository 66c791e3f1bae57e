// The host's own check of leases: it does not trust that its callers looked at the clock.

import type { Clock } from '../clock.ts'
import { PinlabError } from '../errors.ts'
import type { LeaseGrant } from './device-host.ts'

export class LeaseGuard {
  #newest: LeaseGrant | null = null
  #withdrawn = ''

  constructor(
    private readonly board: string,
    private readonly clock: Clock,
  ) {}

  /** Refuses a stale lease. Ids are UUIDs of version 7, so that the text order is the order of their making. */
  check(grant: LeaseGrant): void {
    const older = this.#newest !== null && grant.leaseId < this.#newest.leaseId
    if (older || grant.leaseId <= this.#withdrawn || grant.deadline <= this.clock.now()) {
      throw new PinlabError(
        'PINLAB_LEASE_ENDED',
        `The lease of ${this.board} has ended. Take control again.`,
      )
    }
    this.#newest = grant
  }

  withdraw(leaseId: string): void {
    if (leaseId > this.#withdrawn) this.#withdrawn = leaseId
    if (this.#newest && this.#newest.leaseId <= leaseId) this.#newest = null
  }

  /** The lease whose deadline has passed, once. */
  takeExpired(): LeaseGrant | null {
    if (!this.#newest || this.#newest.deadline > this.clock.now()) return null
    const expired = this.#newest
    this.withdraw(expired.leaseId)
    return expired
  }
}
