// One's own account: browsers that are signed in, API tokens, password.

import type {
  ApiToken,
  ApiTokenMade,
  NewApiToken,
  PasswordChange,
  SignIn,
} from '../../server/contract/identity.ts'
import * as api from '../api/identity.ts'
import { Action } from './action.svelte.ts'
import { announcer } from './announcer.svelte.ts'

export class OwnAccount {
  signIns = $state.raw<SignIn[]>([])
  tokens = $state.raw<ApiToken[]>([])
  loaded = $state(false)
  /** Its text is shown until it is dismissed, and never again. */
  made = $state.raw<ApiTokenMade | null>(null)
  readonly loading = new Action()

  load = (): Promise<boolean> => this.loading.run(() => this.#read())

  async endSignIn({ id }: SignIn): Promise<void> {
    await api.endSignIn(id)
    announcer.say('Browser signed out')
    await this.#read()
  }

  async makeToken(wanted: NewApiToken): Promise<void> {
    this.made = await api.makeToken(wanted)
    announcer.say(`Token ${wanted.name} made`)
    await this.#read()
  }

  async revoke({ id, name }: ApiToken): Promise<void> {
    await api.revokeToken(id)
    if (this.made?.id === id) this.made = null
    announcer.say(`Token ${name} revoked`)
    await this.#read()
  }

  /** Other browsers are signed out by it. */
  async changePassword(change: PasswordChange): Promise<void> {
    await api.changePassword(change)
    announcer.say('Password changed')
    await this.#read()
  }

  async #read(): Promise<void> {
    const [signIns, tokens] = await Promise.all([api.listSignIns(), api.listTokens()])
    this.signIns = signIns.items
    this.tokens = tokens.items
    this.loaded = true
  }
}
