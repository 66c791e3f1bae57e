// The webhooks of the lab: whether those who are to be told are told.

import type { Webhook } from '../../server/contract/webhook.ts'
import { listWebhooks } from '../api/http.ts'
import { Action } from './action.svelte.ts'

export class Webhooks {
  /** Null until they were read. */
  items = $state.raw<Webhook[] | null>(null)
  readonly failing = $derived(this.items?.filter(({ failures }) => failures > 0).length ?? 0)
  readonly loading = new Action()

  load = (): Promise<boolean> =>
    this.loading.run(async () => {
      this.items = (await listWebhooks()).items
    })
}
