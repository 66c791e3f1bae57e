// Does the steps of one run, by the same ways as requests go, so that rights, limits and the record are the same.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Transfer } from '../../contract/dma-session.ts'
import type { RecipeStep, StepResult } from '../../contract/recipe.ts'
import { PinlabError } from '../../errors.ts'
import type { Asker, Dma } from '../dma.ts'

type Step<Op extends RecipeStep['op']> = Extract<RecipeStep, { op: Op }>

interface Started {
  session: string
  n: number
}

/** How often a wait looks how far its transfer is, and whether it is still wanted. */
const lookMs = 50

export class StepWorker {
  /** What the recipe's names stand for: DMA sessions by the names of their locks. */
  readonly locks = new Map<string, string>()
  readonly #transfers = new Map<string, Started>()
  readonly #started: Started[] = []

  constructor(
    private readonly dma: Dma,
    private readonly board: string,
    private readonly asker: Asker,
  ) {}

  /** Pauses and waits end early, with the signal's reason, when it is aborted; all else is done to its end. */
  async work(step: RecipeStep, signal: AbortSignal): Promise<StepResult> {
    switch (step.op) {
      case 'lock':
        return this.#lock(step)
      case 'unlock':
        return this.#unlock(step)
      case 'fill':
        return this.#fill(step)
      case 'registers':
        return this.#registers(step)
      case 'start':
        return this.#start(step)
      case 'wait':
        return this.#wait(step, signal)
      case 'stop':
        return this.#stop(step)
      case 'capture':
        return this.#capture(step)
      case 'pause':
        await sleep(step.ms, undefined, { signal })
        return {}
      case 'comment':
        return {}
    }
  }

  /** Those that the run has started and that still run; as far as they can be stopped. */
  async stopTransfers(): Promise<void> {
    const { actor } = this.asker
    await Promise.allSettled(
      this.#started.map(({ session, n }) => this.dma.transfers.stop(session, n, actor)),
    )
  }

  async #lock({ op: _, as, ...wanted }: Step<'lock'>): Promise<StepResult> {
    const { actor, request } = this.asker
    const { id } = await this.dma.locking.lock(this.board, actor, wanted, request)
    this.locks.set(as, id)
    return { session: id }
  }

  async #unlock({ lock }: Step<'unlock'>): Promise<StepResult> {
    const session = this.#session(lock)
    await this.dma.locking.unlock(session, this.asker.actor, this.asker.request)
    this.locks.delete(lock)
    return { session }
  }

  async #fill({ op: _, lock, ...wanted }: Step<'fill'>): Promise<StepResult> {
    const session = this.#session(lock)
    await this.dma.fill({ session, ...this.asker }, wanted)
    return { session }
  }

  async #registers({ operations }: Step<'registers'>): Promise<StepResult> {
    const { board, asker } = this
    return { values: await this.dma.operateRegisters({ board, ...asker }, operations) }
  }

  async #start({ op: _, lock, as, ...wanted }: Step<'start'>): Promise<StepResult> {
    const { actor, request } = this.asker
    const session = this.#session(lock)
    const { n } = await this.dma.transfers.start(session, actor, wanted, request)
    this.#transfers.set(as, { session, n })
    this.#started.push({ session, n })
    return { session, transfer: n }
  }

  async #wait(step: Step<'wait'>, signal: AbortSignal): Promise<StepResult> {
    const { session, n } = this.#transfer(step.transfer)
    const deadline = performance.now() + step.timeoutMs
    for (;;) {
      const leftMs = Math.max(1, Math.min(lookMs, deadline - performance.now()))
      const transfer = await this.dma.transfers.wait(session, n, leftMs)
      signal.throwIfAborted()
      if (isThere(step, transfer)) return { session, ...progressOf(transfer) }
      if (performance.now() >= deadline) throw tooLate(step, transfer)
    }
  }

  async #stop({ transfer }: Step<'stop'>): Promise<StepResult> {
    const { session, n } = this.#transfer(transfer)
    return { session, ...progressOf(await this.dma.transfers.stop(session, n, this.asker.actor)) }
  }

  async #capture({ op: _, lock, ...wanted }: Step<'capture'>): Promise<StepResult> {
    const session = this.#session(lock)
    const { id } = await this.dma.captures.take(session, wanted, this.asker)
    return { session, capture: id }
  }

  #session(name: string): string {
    return known(this.locks.get(name), name)
  }

  #transfer(name: string): Started {
    return known(this.#transfers.get(name), name)
  }
}

/** The names were checked before the first step. */
function known<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`nothing is called ${name}`)
  return value
}

const progressOf = ({ n, bytesCompleted }: Transfer) => ({ transfer: n, bytesCompleted })

/** Refuses a transfer that has failed, or has ended before it was where it should be. */
function isThere({ bytesCompleted: wanted = 0 }: Step<'wait'>, transfer: Transfer): boolean {
  const { state, bytesCompleted, failure, channel, n } = transfer
  if (state === 'running') return wanted > 0 && bytesCompleted >= wanted
  if (state !== 'failed' && bytesCompleted >= wanted) return true
  throw new PinlabError(
    'PINLAB_RECIPE_WAIT',
    `Transfer ${n} of ${channel} ${state === 'failed' ? 'failed' : `was ${state}`} after ${bytesCompleted} bytes${failure ? `: ${failure.detail}` : '.'}`,
    { wdStatus: failure?.wdStatus ?? null },
  )
}

function tooLate({ timeoutMs, bytesCompleted }: Step<'wait'>, transfer: Transfer): PinlabError {
  const wanted = bytesCompleted === undefined ? 'its end' : `${bytesCompleted} bytes`
  return new PinlabError(
    'PINLAB_RECIPE_WAIT',
    `${transfer.channel} had moved ${transfer.bytesCompleted} bytes after ${timeoutMs} ms; the step waits for ${wanted}.`,
    { wdStatus: 'WD_TIME_OUT_EXPIRED' },
  )
}
