// Making the first administrator, with the token of the server's console.

import type { SetUpRequest } from '../../server/contract/identity.ts'
import { setUp } from '../api/identity.ts'
import { account } from './account.svelte.ts'
import { Action } from './action.svelte.ts'
import { guide } from './guide.svelte.ts'
import { lab } from './lab.svelte.ts'
import { router } from './router.svelte.ts'
import { paths } from './routes.ts'

export class SetUp {
  readonly making = new Action()

  /** Signs in as the new administrator and goes on to the guided first minute. */
  make(request: SetUpRequest): Promise<boolean> {
    return this.making.run(async () => {
      account.enter(await setUp(request))
      await Promise.all([account.load(), lab.load()])
      const guided = lab.board(guide.board)
      if (guided) guide.begin()
      router.go(guided ? paths.bench(guide.board) : paths.lab)
    })
  }
}
