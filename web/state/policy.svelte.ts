// The lab's rules for bookings: read once when something needs them, and changed by keepers.

import type { Policy, PolicyChange, PolicyRules } from '../../server/contract/booking.ts'
import * as api from '../api/bookings.ts'
import { rulesOf } from '../shared/booking/board-rules.ts'
import { Action } from './action.svelte.ts'
import { announcer } from './announcer.svelte.ts'

class LabPolicy {
  value = $state.raw<Policy | null>(null)
  readonly loading = new Action()

  load = (): Promise<boolean> =>
    this.loading.run(async () => {
      this.value = await api.getPolicy()
    })

  need(): void {
    if (!this.value) void this.load()
  }

  of(board: string): PolicyRules | null {
    return this.value && rulesOf(this.value, board)
  }

  /** Of what was seen; a stale change fails, and the caller decides what to do with what was typed. */
  async change(seen: Policy, change: PolicyChange): Promise<void> {
    this.value = await api.changePolicy(seen.version, change)
    announcer.say('The rules are saved')
  }
}

export const policy = new LabPolicy()
