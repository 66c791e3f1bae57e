// The page's live connection, and how it is.

import { openLiveSocket } from '../api/live-connection.ts'
import type { Connection, Hello } from '../api/live-socket.ts'
import { clock } from './clock.svelte.ts'

class Live {
  state = $state<Connection['state']>('connecting')
  hello = $state.raw<Hello | null>(null)
  /** By the server's clock; null while the connection is open. */
  lostAt = $state<number | null>(null)
  retryAt = $state<number | null>(null)
  #onrestart = new Set<() => void>()

  readonly socket = openLiveSocket((connection) => this.#report(connection))

  /** Runs when the server is there again after a loss: what was read by HTTP may be old. */
  onReturn(reload: () => void): () => void {
    this.#onrestart.add(reload)
    return () => this.#onrestart.delete(reload)
  }

  retryNow = (): void => {
    this.retryAt = null
    this.socket.start()
  }

  #report(connection: Connection): void {
    this.state = connection.state
    if (connection.state === 'open') this.#opened(connection.hello)
    else if (connection.state === 'lost') {
      this.lostAt ??= clock.read()
      this.retryAt = clock.read() + connection.retryInMs
    }
  }

  #opened(hello: Hello): void {
    const returned = this.lostAt !== null
    this.hello = hello
    this.lostAt = null
    this.retryAt = null
    clock.setServerTime(hello.serverTime)
    if (returned) for (const reload of this.#onrestart) reload()
  }
}

export const live = new Live()
