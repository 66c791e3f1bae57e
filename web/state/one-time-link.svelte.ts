// A link by which somebody who was invited, or forgot the password, sets a new one.

import type { LinkTarget } from '../../server/contract/identity.ts'
import { lookAtLink, useLink } from '../api/identity.ts'
import { account } from './account.svelte.ts'
import { Action } from './action.svelte.ts'
import { router } from './router.svelte.ts'
import { paths } from './routes.ts'

export class UsedLink {
  target = $state.raw<LinkTarget | null>(null)
  readonly looking = new Action()
  readonly setting = new Action()
  #token = ''

  /** Whom it is for. Without a token, the same link once more. */
  look(token = this.#token): Promise<boolean> {
    this.#token = token
    this.target = null
    return this.looking.run(async () => {
      this.target = await lookAtLink(token)
    })
  }

  setPassword(password: string): Promise<boolean> {
    return this.setting.run(async () => {
      account.enter(await useLink({ token: this.#token, password }))
      router.go(paths.lab)
    })
  }
}
