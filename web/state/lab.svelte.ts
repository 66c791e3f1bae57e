// Every board of the lab with its status, kept current by watches while somebody is signed in: navigation shows it too.

import type { BoardStatus, BoardSummary } from '../../server/contract/overview.ts'
import { listBoards } from '../api/http.ts'
import { controls } from '../shared/standing.ts'
import { account } from './account.svelte.ts'
import { Action } from './action.svelte.ts'
import { Kept } from './kept.svelte.ts'
import { live } from './live.svelte.ts'

class Lab {
  boards = $state.raw<BoardSummary[]>([])
  loaded = $state(false)
  readonly loading = new Action()
  #lastBoard = new Kept<string>('pinlab.board', '')
  #unwatch = new Map<string, () => void>()

  free = $derived(this.boards.filter(({ status }) => status.state === 'ready').length)

  /** What the queue offers to whoever is signed in: to be claimed within minutes. */
  offers = $derived(
    this.boards.flatMap(({ status }) =>
      status.bookings.filter(({ state, owner }) => state === 'held' && owner === account.me?.id),
    ),
  )

  constructor() {
    live.onReturn(() => this.load())
  }

  /** Loads and follows the boards until the result is called. */
  start(): () => void {
    void this.load()
    return () => {
      for (const unwatch of this.#unwatch.values()) unwatch()
      this.#unwatch.clear()
      this.boards = []
      this.loaded = false
    }
  }

  async load(): Promise<void> {
    await this.loading.run(async () => {
      this.boards = (await listBoards()).items
      this.loaded = true
    })
    this.#watchAll()
  }

  board(id: string): BoardSummary | undefined {
    return this.boards.find((board) => board.id === id)
  }

  /** The board that the bench shows when none is named: the last one used, if the lab still has it, or one that is held. */
  get benchBoard(): string | null {
    const last = this.board(this.#lastBoard.value)
    const held = this.boards.find(({ status }) => controls(status.lease, account.me))
    return (last ?? held)?.id ?? null
  }

  rememberBoard(id: string): void {
    this.#lastBoard.value = id
  }

  #watchAll(): void {
    const ids = new Set(this.boards.map(({ id }) => id))
    for (const [id, unwatch] of this.#unwatch) {
      if (ids.has(id)) continue
      unwatch()
      this.#unwatch.delete(id)
    }
    for (const id of ids) {
      if (this.#unwatch.has(id)) continue
      const onboard = (status: BoardStatus) => this.#update(id, status)
      this.#unwatch.set(id, live.socket.watch(id, { onboard }))
    }
  }

  #update(id: string, status: BoardStatus): void {
    this.boards = this.boards.map((board) => (board.id === id ? { ...board, status } : board))
  }
}

export const lab = new Lab()
