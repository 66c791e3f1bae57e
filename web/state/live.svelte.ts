// The page's live connection, and how it is. Open while somebody is signed in.

import { makeLiveSocket } from '../api/live-connection.ts'
import type { Connection, Hello } from '../api/live-socket.ts'
import { account } from './account.svelte.ts'
import { clock } from './clock.svelte.ts'

class Live {
  state = $state<Connection['state']>('connecting')
  hello = $state.raw<Hello | null>(null)
  /** By the server's clock; null while the connection is open. */
  lostAt = $state<number | null>(null)
  retryAt = $state<number | null>(null)
  #onrestart = new Set<() => void>()
  /** Something may have happened that this page was not told. */
  #missed = false

  readonly socket = makeLiveSocket((connection) => this.#report(connection))

  /** Connects, until the result is called. */
  start(): () => void {
    this.socket.start()
    return () => {
      this.socket.stop()
      this.lostAt = null
      this.state = 'connecting'
    }
  }

  /** Runs when the server is there again after a loss: what was read by HTTP may be old. */
  onReturn(reload: () => void): () => void {
    this.#onrestart.add(reload)
    return () => this.#onrestart.delete(reload)
  }

  retryNow = (): void => {
    this.retryAt = null
    this.socket.retry()
  }

  #report(connection: Connection): void {
    this.state = connection.state
    if (connection.state === 'open') this.#opened(connection.hello)
    else if (connection.state === 'lost') this.#lost(connection.retryInMs)
    else if (connection.state === 'refused') void this.#askWhoIsIn()
  }

  #opened(hello: Hello): void {
    this.hello = hello
    this.lostAt = null
    this.retryAt = null
    clock.setServerTime(hello.serverTime)
    if (this.#missed) for (const reload of this.#onrestart) reload()
    this.#missed = false
  }

  #lost(retryInMs: number): void {
    this.#missed = true
    this.lostAt ??= clock.read()
    this.retryAt = clock.read() + retryInMs
    // A browser does not say why a connection could not be made: perhaps nobody is signed in any more.
    void account.check()
  }

  /** With other rights, or not at all: then the account says so, and this connection is not needed. */
  async #askWhoIsIn(): Promise<void> {
    this.#missed = true
    await account.check()
    if (account.me) this.socket.retry()
  }
}

export const live = new Live()
