// One DMA session with its pages and transfers; followed while it lives.

import type { DmaSession, Transfer } from '../../server/contract/dma-session.ts'
import { getSession } from '../api/http.ts'
import { Action } from './action.svelte.ts'
import { live } from './live.svelte.ts'

export class SessionRecord {
  session = $state.raw<DmaSession | null>(null)
  readonly loading = new Action()

  constructor(private readonly id: string) {}

  start(): () => void {
    let unwatch = () => {}
    let stopped = false
    void this.load().then(() => {
      if (!stopped && this.#lives) unwatch = this.#watch()
    })
    const unlisten = live.onReturn(() => this.load())
    return () => {
      stopped = true
      unwatch()
      unlisten()
    }
  }

  load(): Promise<boolean> {
    return this.loading.run(async () => {
      this.session = await getSession(this.id)
    })
  }

  get #lives(): boolean {
    return this.session?.state === 'locked' || this.session?.state === 'requested'
  }

  #watch(): () => void {
    return live.socket.watch(this.session?.board ?? '', {
      ontransfer: (session, transfer) => {
        if (session === this.id) this.#put(transfer)
      },
      onboard: ({ sessions }) => {
        // No longer among the board's locks: read once more how it ended.
        if (this.#lives && !sessions.some(({ id }) => id === this.id)) void this.load()
      },
    })
  }

  #put(transfer: Transfer): void {
    if (!this.session) return
    const others = this.session.transfers.filter(({ n }) => n !== transfer.n)
    const isNew = others.length === this.session.transfers.length
    this.session = {
      ...this.session,
      transferCount: this.session.transferCount + (isNew ? 1 : 0),
      transfers: [transfer, ...others].sort((a, b) => b.n - a.n),
    }
  }
}
