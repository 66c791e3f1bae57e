// Who is signed in, and on which server.

import type { Me } from '../../server/contract/identity.ts'
import type { ServerHealth } from '../../server/contract/overview.ts'
import { getHealth, getMe } from '../api/http.ts'
import { Action } from './action.svelte.ts'

class Account {
  me = $state.raw<Me | null>(null)
  server = $state.raw<ServerHealth | null>(null)
  readonly loading = new Action()

  load(): Promise<boolean> {
    return this.loading.run(async () => {
      ;[this.me, this.server] = await Promise.all([getMe(), getHealth()])
    })
  }
}

export const account = new Account()
