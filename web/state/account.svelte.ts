// Who is signed in, on which server, and how one signs in there.

import type { LoginRequest, Me, SignInOptions } from '../../server/contract/identity.ts'
import type { ServerHealth } from '../../server/contract/overview.ts'
import { getHealth } from '../api/http.ts'
import * as api from '../api/identity.ts'
import { ApiProblem } from '../api/problem.ts'
import { whenSignedOut } from '../api/requests.ts'
import { Action } from './action.svelte.ts'
import { announcer } from './announcer.svelte.ts'

class Account {
  me = $state.raw<Me | null>(null)
  /** Until the server has answered, nobody knows. */
  known = $state(false)
  server = $state.raw<ServerHealth | null>(null)
  options = $state.raw<SignInOptions | null>(null)
  readonly loading = new Action()
  readonly leaving = new Action()
  #checking: Promise<void> | null = null

  constructor() {
    whenSignedOut(() => {
      if (this.me) void this.check()
    })
  }

  load(): Promise<boolean> {
    return this.loading.run(async () => {
      ;[this.server, this.options] = await Promise.all([getHealth(), api.getSignInOptions()])
      this.me = await whoIsIn()
      this.known = true
    })
  }

  may(permission: string): boolean {
    return this.me?.permissions.includes(permission) ?? false
  }

  /** One's own DMA sessions, and those of others for whoever keeps or checks the lab. */
  mayRead(session: { owner: string }): boolean {
    return session.owner === this.me?.id || this.may('session.read-all')
  }

  /** Asks the server once more who is signed in. Where it does not answer, nothing changes. */
  check(): Promise<void> {
    this.#checking ??= whoIsIn()
      .then((me) => {
        if (this.me && !me) announcer.say('You are signed out')
        this.me = me
      })
      .catch(() => {})
      .finally(() => {
        this.#checking = null
      })
    return this.#checking
  }

  /** Somebody has signed in here. */
  enter(me: Me): void {
    this.me = me
    this.known = true
    announcer.say(`Signed in as ${me.name}`)
  }

  async signIn(request: LoginRequest): Promise<void> {
    this.enter(await api.signIn(request))
  }

  signOut(): Promise<boolean> {
    return this.leaving.run(async () => {
      await api.signOut()
      this.me = null
      announcer.say('You are signed out')
    })
  }
}

async function whoIsIn(): Promise<Me | null> {
  try {
    return await api.getMe()
  } catch (thrown) {
    if (thrown instanceof ApiProblem && thrown.problem.status === 401) return null
    throw thrown
  }
}

export const account = new Account()
