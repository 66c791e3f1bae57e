// What the record says of one DMA session, oldest first.

import type { AuditEventEntry } from '../../server/contract/audit.ts'
import { listEvents } from '../api/audit.ts'
import { Action } from './action.svelte.ts'

const pageLength = 200
/** A session with more shows its newest: the rest is in the list of all events. */
const mostPages = 5

export class SessionEvents {
  items = $state.raw<AuditEventEntry[]>([])
  /** There are older ones that are not here. */
  isCut = $state(false)
  loaded = $state(false)
  readonly loading = new Action()

  constructor(private readonly session: string) {}

  load = (): Promise<boolean> =>
    this.loading.run(async () => {
      const newest: AuditEventEntry[] = []
      let cursor: string | null = null
      for (let page = 0; page < mostPages; page++) {
        const { items, next } = await listEvents({
          ...{ session: this.session, limit: pageLength },
          ...(cursor ? { cursor } : {}),
        })
        newest.push(...items)
        cursor = next
        if (!cursor) break
      }
      this.items = newest.reverse()
      this.isCut = cursor !== null
      this.loaded = true
    })
}
