// Everybody's names, for whoever searches the record of all.

import type { NamedPerson } from '../../server/contract/identity.ts'
import { listNames } from '../api/audit.ts'
import { account } from './account.svelte.ts'
import { Action } from './action.svelte.ts'

class Names {
  items = $state.raw<NamedPerson[]>([])
  readonly loading = new Action()

  /** Asks once more each time: people come and go. */
  need(): void {
    if (!account.may('session.read-all')) return
    void this.loading.run(async () => {
      this.items = (await listNames()).items
    })
  }

  of(id: string): string | undefined {
    return this.items.find((person) => person.id === id)?.name
  }
}

export const names = new Names()
