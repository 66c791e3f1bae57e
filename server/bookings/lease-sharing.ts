// Who shares a lease with its holder: members, keepers who made themselves members, and whoever may watch.

import { record } from '../audit/audit.ts'
import type { Clock } from '../clock.ts'
import type { Lease, LeaseMember } from '../contract/lease.ts'
import { PinlabError } from '../errors.ts'
import { readControllers } from '../identity/identity-store.ts'
import type { Asking } from '../identity/people.ts'
import { setMembers, setWatchable } from './lease-store.ts'
import type { Leases } from './leases.ts'

export class LeaseSharing {
  constructor(
    private readonly leases: Leases,
    private readonly clock: Clock,
  ) {}

  /** These people control the board too, besides keepers who made themselves members. */
  async setMembers(id: string, logins: string[], { actor, request }: Asking): Promise<Lease> {
    return this.leases.change(id, actor, async (tx, lease) => {
      const found = await readControllers(tx, logins)
      const unknown = logins.filter(
        (login) => !found.some((person) => person.login === login.toLowerCase()),
      )
      if (unknown.length > 0) {
        throw new PinlabError(
          'PINLAB_LEASE_MEMBERS',
          `Nobody who may control boards signs in as ${unknown.join(', ')}.`,
          { members: { unknown } },
        )
      }
      const overrides = lease.memberDetails.filter(({ override }) => override !== null)
      const added: LeaseMember[] = found
        .filter((person) => person.id !== lease.holder)
        .filter((person) => !overrides.some((one) => one.id === person.id))
        .map(({ id: member, login, name }) => ({ id: member, login, name, override: null }))
      const detail = { lease: id, members: added.map((member) => member.id) }
      const { board } = lease
      await record(tx, { type: 'lease.members', actor: actor.id, board, request, detail })
      return setMembers(tx, id, [...overrides, ...added], new Date(this.clock.now()))
    })
  }

  /** A keeper makes themselves a member; the holder sees it, and why. */
  async override(id: string, reason: string, { actor, request }: Asking): Promise<Lease> {
    return this.leases.change(id, null, async (tx, lease) => {
      const others = lease.memberDetails.filter((member) => member.id !== actor.id)
      const member = { id: actor.id, login: actor.login, name: actor.name, override: reason }
      const detail = { lease: id, reason }
      const { board } = lease
      await record(tx, { type: 'lease.override', actor: actor.id, board, request, detail })
      return setMembers(tx, id, [...others, member], new Date(this.clock.now()))
    })
  }

  /** Whether everyone signed in may see the bytes of its locks. */
  async setWatchable(id: string, watchable: boolean, { actor, request }: Asking): Promise<Lease> {
    return this.leases.change(id, actor, async (tx, lease) => {
      const detail = { lease: id, watchable }
      const { board } = lease
      await record(tx, { type: 'lease.watching', actor: actor.id, board, request, detail })
      return setWatchable(tx, id, watchable)
    })
  }
}
