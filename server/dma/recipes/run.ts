// One run of a recipe: how far it is, and what ends it before its last step.

import { randomUUID } from 'node:crypto'
import type { Failure } from '../../contract/dma-session.ts'
import type { Lease } from '../../contract/lease.ts'
import type { RecipeRun, RecipeStep } from '../../contract/recipe.ts'
import type { Asker } from '../dma.ts'
import type { StepWorker } from './step-worker.ts'

export interface Script {
  /** Null for steps that nobody has saved. */
  recipe: string | null
  version: number | null
  name: string
  steps: readonly RecipeStep[]
}

type End = { state: 'done' | 'stopped' } | { state: 'failed'; error: unknown }

/** Why a run ends that somebody stopped. */
const asked = Symbol('asked to stop')

export class Run {
  readonly id = randomUUID()
  /** As it is told; a new object whenever it changes. */
  view: RecipeRun
  readonly script: Script
  readonly worker: StepWorker
  readonly asker: Asker
  /** Settles when its end is on record. */
  readonly ended: Promise<void>
  #markEnded = () => {}
  readonly #ending = new AbortController()

  constructor(parts: {
    script: Script
    worker: StepWorker
    lease: Lease
    asker: Asker
    at: number
  }) {
    const { script, worker, lease, asker } = parts
    this.ended = new Promise((resolve) => {
      this.#markEnded = resolve
    })
    this.script = script
    this.worker = worker
    this.asker = asker
    const { id: owner, name: ownerName } = asker.actor
    this.view = {
      ...{ id: this.id, board: lease.board, lease: lease.id, recipe: script.recipe },
      ...{ name: script.name, owner, ownerName, state: 'running' },
      ...{ stepCount: script.steps.length, stepsDone: 0, current: null, results: [] },
      ...{ failure: null, locks: [], startedAt: new Date(parts.at).toISOString(), endedAt: null },
    }
  }

  stop(): void {
    this.#ending.abort(asked)
  }

  /** Has it fail with this. */
  abort(why: Error): void {
    this.#ending.abort(why)
  }

  /** Does the steps until the last one, the first failure, or an end from outside. Never rejects. */
  async work(checkMayGoOn: () => Promise<void>): Promise<{ state: End['state']; error?: unknown }> {
    const { signal } = this.#ending
    try {
      for (const step of this.script.steps) {
        signal.throwIfAborted()
        this.view = { ...this.view, current: step }
        await checkMayGoOn()
        const result = await this.worker.work(step, signal)
        this.#advance(result)
      }
      return { state: 'done' }
    } catch (error) {
      if (!signal.aborted) return { state: 'failed', error }
      return signal.reason === asked
        ? { state: 'stopped' }
        : { state: 'failed', error: signal.reason }
    }
  }

  finish({ state, at, failure }: { state: End['state']; at: number; failure: Failure | null }) {
    const endedAt = new Date(at).toISOString()
    const current = state === 'done' ? null : this.view.current
    this.view = { ...this.view, state, failure, current, endedAt }
    this.#markEnded()
  }

  /** Until it has ended, or the time is over. */
  async wait(waitMs: number): Promise<void> {
    if (this.view.state !== 'running' || waitMs <= 0) return
    let timer: NodeJS.Timeout | undefined
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs)
    })
    await Promise.race([this.ended, over])
    clearTimeout(timer)
  }

  #advance(result: RecipeRun['results'][number]): void {
    const { stepsDone, results } = this.view
    const locks = [...this.worker.locks].map(([as, session]) => ({ as, session }))
    this.view = { ...this.view, stepsDone: stepsDone + 1, results: [...results, result], locks }
  }
}
