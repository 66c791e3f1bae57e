// Captures that nobody asked for: at the scheduled end of a lease, what the board delivered is saved for whoever was surprised by it.

import type { FastifyBaseLogger } from 'fastify'
import { record } from '../audit/audit.ts'
import type { OutcomeKind, Outcomes } from '../audit/outcomes.ts'
import type { DmaSessionSummary } from '../contract/dma-session.ts'
import { PinlabError, problemOf } from '../errors.ts'
import { systemActor } from '../identity/permissions.ts'
import type { Database, Transaction } from '../plugins/database/database.ts'
import type { CaptureSource } from './capture-source.ts'
import { hasAutomatic } from './capture-store.ts'
import type { Captures } from './captures.ts'
import type { Locking } from './locking.ts'

/** For all of a board's sessions: others wait for the board. */
const saveMs = 60_000

interface Skipped {
  session: string
  board: string
  detail: Record<string, unknown>
}

export class LastCaptures {
  readonly #skipped: OutcomeKind<Skipped, void>

  constructor(
    private readonly captures: Captures,
    private readonly source: CaptureSource,
    private readonly database: Database,
    private readonly locking: Locking,
    outcomes: Outcomes,
    private readonly log: FastifyBaseLogger,
  ) {
    this.#skipped = outcomes.kind('capture.skipped', writeSkipped)
  }

  /** Never rejects, and has an end: what cannot be saved is not waited for. The record says what was left out, and why. */
  async save(board: string): Promise<void> {
    const time = new AbortController()
    const timer = setTimeout(() => time.abort(tooSlow()), saveMs)
    try {
      for (const session of await this.locking.live({ board })) {
        if (session.state === 'locked') await this.#saveOne(session, time.signal)
      }
    } catch (error) {
      this.log.error({ err: error, board }, 'saving at the end of a lease failed')
    } finally {
      clearTimeout(timer)
    }
  }

  async #saveOne(session: DmaSessionSummary, signal: AbortSignal): Promise<void> {
    const { id, board, owner, ownerName, label, byteLength } = session
    try {
      if (!(await this.source.hasReceived(session))) return
      // The sequence is tried again where a step could not be recorded.
      if (await hasAutomatic(this.database.reader, id)) return
      const who = { id: owner, name: ownerName }
      const range = { offset: 0, byteLength }
      const saving = this.captures.save({
        ...{ session: id, board, owner: who, name: label, automatic: true, signal },
        ...range,
      })
      await unlessAborted(saving, signal)
    } catch (error) {
      await this.#recordSkipped(session, error)
    }
  }

  async #recordSkipped({ id, board, owner, byteLength }: DmaSessionSummary, error: unknown) {
    if (!(error instanceof PinlabError)) this.log.error({ err: error, board }, 'a capture failed')
    const { code, detail: why } = problemOf(error, id)
    const detail = { owner, byteLength, code, why }
    await this.#skipped.settle({ session: id, board, detail })
  }
}

async function writeSkipped(tx: Transaction, skipped: Skipped): Promise<void> {
  await record(tx, { type: 'capture.skipped', actor: systemActor, ...skipped })
}

/** A disk that does not answer does not hear of it: its work is left alone. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => {})
  signal.throwIfAborted()
  let stop = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function tooSlow(): PinlabError {
  return new PinlabError(
    'PINLAB_CAPTURE_TIME_OUT',
    `The captures at the end of the lease took longer than ${saveMs / 1000} s.`,
  )
}
