// The right to control a board: taking it and giving it back, more time, and who shares it.

import { releaseLease, takeLease } from '../api/http.ts'
import {
  extendLease,
  overrideLease,
  revokeLease,
  setLeaseMembers,
  setLeaseWatchable,
} from '../api/leases.ts'
import { formatHour } from '../shared/format.ts'
import { Action } from './action.svelte.ts'
import { announcer } from './announcer.svelte.ts'
import { leaseWatch } from './lease-watch.svelte.ts'

interface LeaseName {
  id: string
  board: string
}

export class Control {
  readonly taking = new Action()
  readonly releasing = new Action()
  readonly extending = new Action()
  /** Of the dialog, which shows what went wrong itself. */
  readonly choosing = new Action()
  readonly sharing = new Action()
  readonly watching = new Action()
  readonly stepping = new Action()

  take(board: string): Promise<boolean> {
    return this.taking.run(async () => {
      await takeLease(board)
      announcer.say(`You control ${board}`)
    })
  }

  release(lease: LeaseName): Promise<boolean> {
    return this.releasing.run(() => this.giveBack(lease))
  }

  /** As `release`, for a dialog that runs `releasing` itself. */
  async giveBack({ id, board }: LeaseName): Promise<void> {
    await releaseLease(id)
    leaseWatch.forget(id)
    announcer.say(`${board} released`)
  }

  /** By what the button says; by the lab's usual time where that is not known yet. */
  extend(lease: LeaseName, minutes: number | undefined): Promise<boolean> {
    return this.extending.run(() => this.extendBy(lease, minutes))
  }

  async extendBy({ id, board }: LeaseName, minutes?: number): Promise<void> {
    const { endsAt } = await extendLease(id, minutes)
    announcer.say(`${board} is yours until ${formatHour(endsAt)}`)
  }

  async setMembers({ id, board }: LeaseName, logins: string[]): Promise<void> {
    const { memberDetails } = await setLeaseMembers(id, logins)
    const names = memberDetails.map(({ name }) => name)
    announcer.say(`${board} has ${names.length === 0 ? 'no members' : names.join(', ')}`)
  }

  setWatchable({ id, board }: LeaseName, watchable: boolean): Promise<boolean> {
    return this.watching.run(async () => {
      await setLeaseWatchable(id, watchable)
      announcer.say(
        watchable ? `Everyone may watch ${board}` : `Only who controls ${board} sees its bytes`,
      )
    })
  }

  /** A keeper ends somebody's lease. */
  async revoke({ id, board }: LeaseName, reason: string): Promise<void> {
    await revokeLease(id, reason)
    announcer.say(`The lease of ${board} ends`)
  }

  /** A keeper makes themselves a member of somebody's lease. */
  async override({ id, board }: LeaseName, reason: string): Promise<void> {
    await overrideLease(id, reason)
    announcer.say(`You control ${board}`)
  }
}
