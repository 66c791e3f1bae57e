// The run of a recipe on one board, followed to its end.

import type { RecipeRun, RunRequest } from '../../server/contract/recipe.ts'
import * as api from '../api/recipes.ts'
import { Action } from './action.svelte.ts'
import { announcer } from './announcer.svelte.ts'

/** An answer comes after so long at the latest, and when the run has ended. */
const lookSeconds = 0.5

export class FollowedRun {
  run = $state.raw<RecipeRun | null>(null)
  readonly looking = new Action()
  readonly starting = new Action()
  readonly stopping = new Action()
  readonly following = new Action()
  #isGone = false

  constructor(private readonly board: string) {}

  /** Takes up one that is under way, until the result is called. */
  begin(): () => void {
    void this.looking.run(async () => {
      const { items } = await api.listRuns(this.board)
      const running = items.find(({ state }) => state === 'running')
      if (running && !this.run) this.#follow(running)
    })
    return () => {
      this.#isGone = true
    }
  }

  start(wanted: RunRequest): Promise<boolean> {
    return this.starting.run(async () => {
      const run = await api.startRun(this.board, wanted)
      announcer.say(`${run.name || 'The recipe'} runs`)
      this.#follow(run)
    })
  }

  /** After an answer that did not come. */
  again = (): void => {
    if (this.run) this.#follow(this.run)
  }

  stop(): Promise<boolean> {
    return this.stopping.run(async () => {
      if (this.run) this.run = await api.stopRun(this.run.id)
    })
  }

  dismiss = (): void => {
    this.run = null
  }

  #follow(run: RecipeRun): void {
    this.run = run
    void this.following.run(() => this.#untilEnd(run.id))
  }

  async #untilEnd(id: string): Promise<void> {
    while (this.run?.id === id && this.run.state === 'running' && !this.#isGone) {
      this.run = await api.waitForRun(id, lookSeconds)
    }
    if (!this.#isGone && this.run) {
      announcer.say(`${this.run.name || 'The recipe'} ${endWords[this.run.state]}`)
    }
  }
}

const endWords: Record<RecipeRun['state'], string> = {
  running: 'runs',
  done: 'is done',
  failed: 'failed',
  stopped: 'was stopped',
}
