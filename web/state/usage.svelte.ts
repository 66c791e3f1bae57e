// How much the boards were used, for a chart and its table.

import type { Usage } from '../../server/contract/usage.ts'
import { getUsage, type UsageFilter } from '../api/audit.ts'
import { Action } from './action.svelte.ts'

export class UsageReport {
  value = $state.raw<Usage | null>(null)
  readonly loading = new Action()
  #asked = 0

  async show(filter: UsageFilter): Promise<void> {
    const asked = ++this.#asked
    // Actions run one at a time; a newer question need not wait for the older answer.
    this.loading.busy = false
    await this.loading.run(async () => {
      const value = await getUsage(filter)
      if (asked === this.#asked) this.value = value
    })
  }
}
