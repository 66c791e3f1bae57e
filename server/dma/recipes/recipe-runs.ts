// Runs of recipes: in memory, one at a time on a board, under the lease of whoever asked, and over when that is.

import { record } from '../../audit/audit.ts'
import type { OutcomeKind, Outcomes } from '../../audit/outcomes.ts'
import { mayControl } from '../../bookings/lease-rules.ts'
import type { Leases } from '../../bookings/leases.ts'
import type { Clock } from '../../clock.ts'
import type { Failure } from '../../contract/dma-session.ts'
import type { Lease } from '../../contract/lease.ts'
import type { RecipeRun, RunRequest } from '../../contract/recipe.ts'
import { PinlabError, problemOf } from '../../errors.ts'
import type { Credentials } from '../../identity/credentials.ts'
import { type Actor, mayDo } from '../../identity/permissions.ts'
import type { Database, Transaction } from '../../plugins/database/database.ts'
import type { Asker, Dma } from '../dma.ts'
import { checkSteps } from './recipe-rules.ts'
import type { Recipes } from './recipes.ts'
import { Run, type Script } from './run.ts'
import { StepWorker } from './step-worker.ts'

/** So many runs are remembered, those that have ended too. */
export const mostRuns = 100

interface RunEnd {
  board: string
  actor: string
  request: string
  at: number
  detail: {
    run: string
    recipe: string | null
    name: string
    state: RecipeRun['state']
    stepsDone: number
    failedStep?: number
    failure?: Failure
  }
}

export interface RunParts {
  dma: Dma
  leases: Leases
  recipes: Recipes
  credentials: Pick<Credentials, 'watch'>
  database: Database
  outcomes: Outcomes
  clock: Clock
}

export class RecipeRuns {
  /** Oldest first. */
  readonly #runs = new Map<string, Run>()
  readonly #ends: OutcomeKind<RunEnd, void>
  #isClosing = false

  constructor(private readonly parts: RunParts) {
    this.#ends = parts.outcomes.kind('recipe.ended', writeEnd)
    parts.leases.changed.on((lease) => this.#heed(lease))
  }

  /** Begins; what comes of it is asked for. Nobody waits for the first step. */
  async start(board: string, wanted: RunRequest, asker: Asker): Promise<RecipeRun> {
    const { dma, outcomes, clock, leases } = this.parts
    outcomes.checkRecordWorks()
    const script = await this.#scriptOf(wanted, asker.actor)
    checkSteps(script.steps)
    const lease = await leases.controlOf(board, asker.actor)
    this.#checkMayStart(board)
    const worker = new StepWorker(dma, board, asker)
    const run = new Run({ script, worker, lease, asker, at: clock.now() })
    this.#remember(run)
    try {
      await this.#recordStart(run)
    } catch (error) {
      this.#runs.delete(run.id)
      run.finish({ state: 'failed', at: clock.now(), failure: failureOf(error, run.id) })
      throw error
    }
    void this.#work(run)
    return run.view
  }

  /** For whoever runs it, whoever controls its board under the same lease, and whoever may read all. */
  async read(id: string, actor: Actor, waitMs = 0): Promise<RecipeRun> {
    const run = this.#runs.get(id)
    if (!run || !(await this.#maySee(run, actor))) throw unknown(id)
    await run.wait(waitMs)
    return run.view
  }

  /** Newest first. */
  async list(board: string | undefined, actor: Actor): Promise<RecipeRun[]> {
    const runs = [...this.#runs.values()].filter(
      ({ view }) => board === undefined || view.board === board,
    )
    const seen = await Promise.all(runs.map((run) => this.#maySee(run, actor)))
    return runs
      .filter((_, at) => seen[at])
      .map(({ view }) => view)
      .reverse()
  }

  /** The step that is at work is done to its end: the answer may still say `running`. */
  async stop(id: string, actor: Actor, waitMs: number): Promise<RecipeRun> {
    await this.read(id, actor)
    const run = this.#runs.get(id)
    if (!run) throw unknown(id)
    if (run.view.state === 'running') {
      await this.parts.leases.controlOf(run.view.board, actor)
      run.stop()
    }
    return this.read(id, actor, waitMs)
  }

  /** The server is stopping. */
  async close(): Promise<void> {
    this.#isClosing = true
    const runs = [...this.#runs.values()]
    for (const run of runs) {
      run.abort(new PinlabError('PINLAB_SERVER_RESTARTED', 'The server was stopped meanwhile.'))
    }
    await Promise.all(runs.map((run) => run.ended))
  }

  async #scriptOf({ recipe, steps, name }: RunRequest, actor: Actor): Promise<Script> {
    if ((recipe === undefined) === (steps === undefined)) {
      throw new PinlabError(
        'PINLAB_REQUEST_INVALID',
        'Send either recipe, the id of a saved one, or steps.',
      )
    }
    if (steps !== undefined) return { recipe: null, version: null, name: name ?? '', steps }
    const saved = await this.parts.recipes.read(recipe ?? '', actor)
    return { recipe: saved.id, version: saved.version, name: saved.name, steps: saved.steps }
  }

  #checkMayStart(board: string): void {
    if (this.#isClosing) throw new PinlabError('PINLAB_SERVER_BUSY', 'The server is stopping.')
    const other = [...this.#runs.values()].find(
      ({ view }) => view.board === board && view.state === 'running',
    )
    if (!other) return
    throw new PinlabError(
      'PINLAB_RECIPE_RUNNING',
      `${other.view.ownerName} runs “${other.view.name}” on ${board}. Stop it, or wait until it has ended.`,
      { members: { run: other.id } },
    )
  }

  #remember(run: Run): void {
    this.#runs.set(run.id, run)
    if (this.#runs.size <= mostRuns) return
    const oldest = [...this.#runs.values()].find(({ view }) => view.state !== 'running')
    if (oldest) this.#runs.delete(oldest.id)
  }

  async #maySee({ view }: Run, actor: Actor): Promise<boolean> {
    if (view.owner === actor.id || mayDo(actor, 'session.read-all')) return true
    const lease = await this.parts.leases.current(view.board)
    return lease?.id === view.lease && mayControl(lease, actor.id)
  }

  #heed(lease: Lease): void {
    for (const run of this.#runs.values()) {
      if (run.view.lease !== lease.id) continue
      if (lease.state === 'active' && mayControl(lease, run.view.owner)) continue
      run.abort(new PinlabError('PINLAB_LEASE_ENDED', `The lease of ${lease.board} has ended.`))
    }
  }

  async #work(run: Run): Promise<void> {
    const { credentials, clock } = this.parts
    const unwatch = credentials.watch(run.asker.actor, () =>
      run.abort(
        new PinlabError('PINLAB_SIGN_IN_REQUIRED', 'The sign-in or token that began it has ended.'),
      ),
    )
    const { state, error } = await run.work(() => this.#checkControl(run))
    unwatch()
    if (state !== 'done') await run.worker.stopTransfers()
    const at = clock.now()
    await this.#ends.settle(endOf(run, state, at, error))
    run.finish({ state, at, failure: error === undefined ? null : failureOf(error, run.id) })
  }

  /** Before each step: a later lease of the same person is another one. */
  async #checkControl({ view, asker }: Run): Promise<void> {
    const lease = await this.parts.leases.controlOf(view.board, asker.actor)
    if (lease.id === view.lease) return
    throw new PinlabError('PINLAB_LEASE_ENDED', `The lease of ${view.board} has ended.`)
  }

  async #recordStart({ id: run, view, script, asker }: Run): Promise<void> {
    const { recipe, version, name, steps } = script
    const { board, lease } = view
    const { actor, request } = asker
    const detail = { run, lease, recipe, version, name, steps: steps.length }
    const event = { type: 'recipe.started', actor: actor.id, board, request, detail } as const
    await this.parts.database.write((tx) => record(tx, event))
  }
}

function endOf(run: Run, state: RecipeRun['state'], at: number, error: unknown): RunEnd {
  const { board, recipe, name, stepsDone } = run.view
  const failed = { failedStep: stepsDone + 1, failure: failureOf(error, run.id) }
  return {
    ...{ board, actor: run.asker.actor.id, request: run.asker.request, at },
    detail: { run: run.id, recipe, name, state, stepsDone, ...(error === undefined ? {} : failed) },
  }
}

async function writeEnd(tx: Transaction, { detail, at: _, ...who }: RunEnd): Promise<void> {
  await record(tx, { type: 'recipe.ended', ...who, detail })
}

function failureOf(error: unknown, run: string): Failure {
  const { code, detail, wdStatus } = problemOf(error, run)
  return { code, detail, wdStatus: wdStatus ?? null }
}

function unknown(id: string): PinlabError {
  return new PinlabError(
    'PINLAB_RECIPE_RUN_UNKNOWN',
    `There is no run ${id} that you may see; the last ${mostRuns} are remembered until the server restarts.`,
  )
}
