// Writing down what has happened already. Unlock, stop and release must work when the record cannot be written, so an outcome that the
// database refuses is spooled, and written once the database takes it again or at the next start. Each kind of outcome is data with
// a function that writes it; that function finds out whether the state is as it was, since a restart may have it written twice.

import type { FastifyBaseLogger } from 'fastify'
import { PinlabError } from '../errors.ts'
import { type Database, isRefusal, type Transaction } from '../plugins/database/database.ts'
import { record } from './audit.ts'
import { type AuditContext, auditContext, runAsSpooled } from './audit-context.ts'
import { readLastSpooled } from './audit-store.ts'
import { type Spool, spoolByteLength } from './spool.ts'

const mostOwed = 10_000
const batchLength = 100

/** As it stands in the spool. */
interface Entry {
  /** Counts up, also from one start to the next: the record says up to which number it has them. */
  n: number
  /** Ms since the epoch. */
  at: number
  kind: string
  outcome: object
  context?: AuditContext
}

export interface OutcomeOptions<T> {
  /** Told when one that was owed has been written. */
  written?: (outcome: T) => void
  /** Whether the record may do without it once half of the room is taken: how many those were is recorded instead. */
  mayBeLeftOut?: (outcome: T) => boolean
}

export interface OutcomeKind<T, R> {
  /** The result, or undefined when the database refused and the outcome is spooled. `outcome` is JSON and carries its times. */
  settle(outcome: T): Promise<R | undefined>
  /** What the database does not know yet. */
  readonly owed: readonly T[]
}

interface Kind {
  write: (tx: Transaction, outcome: never) => Promise<unknown>
  options: OutcomeOptions<never>
}

export class Outcomes {
  readonly #kinds = new Map<string, Kind>()
  readonly #owed: Entry[] = []
  #next = 1
  #leftOut = 0
  #working: Promise<void> | null = null

  constructor(
    private readonly parts: {
      database: Database
      log: FastifyBaseLogger
      spool: Spool
      /** What the spool held at the start. */
      left: readonly string[]
    },
  ) {}

  /** Names a kind of outcome. `write` returns what `settle` does, and leaves alone what is written already. */
  kind<T extends object, R>(
    name: string,
    write: (tx: Transaction, outcome: T) => Promise<R>,
    options: OutcomeOptions<T> = {},
  ): OutcomeKind<T, R> {
    this.#kinds.set(name, { write, options })
    const owed = () => this.#owed.flatMap(({ kind, outcome }) => (kind === name ? outcome : []))
    return {
      settle: (outcome) => this.#settle(name, outcome, write),
      get owed() {
        return owed() as T[]
      },
    }
  }

  /** At start, once all kinds are known and before anything is reconciled: writes what a process before could not. */
  async begin(): Promise<void> {
    const { database, log, left, spool } = this.parts
    const done = await readLastSpooled(database.reader)
    const entries = left.map((text) => JSON.parse(text) as Entry).filter(({ n }) => n > done)
    this.#next = (entries.at(-1)?.n ?? done) + 1
    this.#owed.push(...entries)
    if (entries.length === 0) return spool.clear()
    log.warn({ count: entries.length }, 'what a process before could not record is recorded now')
    await this.workOff()
    if (this.#owed.length > 0) throw notWritten()
  }

  /** While outcomes are owed, nothing new may begin: refuses locks and transfers. */
  checkRecordWorks(): void {
    if (this.#owed.length > 0) throw notWritten()
  }

  /** Writes what is owed, oldest first, as far as the database takes it. Called once a second. */
  workOff(): Promise<void> {
    this.#working ??= this.#workOff().finally(() => {
      this.#working = null
    })
    return this.#working
  }

  close(): void {
    this.parts.spool.close()
  }

  async #settle<T extends object, R>(
    kind: string,
    outcome: T,
    write: (tx: Transaction, outcome: T) => Promise<R>,
  ): Promise<R | undefined> {
    const { database, log } = this.parts
    if (this.#owed.length > 0) {
      // Nothing overtakes what happened before it.
      this.#owe(kind, outcome)
      await this.workOff()
      return undefined
    }
    try {
      return await database.write((tx) => write(tx, outcome))
    } catch (error) {
      if (!isRefusal(error)) throw error
      log.error({ err: error, kind }, 'the database refuses what has happened; it is spooled')
      this.#owe(kind, outcome)
      return undefined
    }
  }

  #owe(kind: string, outcome: object): void {
    const { log, spool } = this.parts
    const mayBeLeftOut = this.#kinds.get(kind)?.options.mayBeLeftOut?.(outcome as never) ?? false
    const isHalfFull = this.#owed.length >= mostOwed / 2 || spool.used >= spoolByteLength / 2
    if (mayBeLeftOut && isHalfFull) {
      this.#leftOut += 1
      return
    }
    if (this.#owed.length >= mostOwed) throw notWritten()
    const context = auditContext()
    const entry = { n: this.#next, at: Date.now(), kind, outcome, ...(context ? { context } : {}) }
    this.#next += 1
    this.#owed.push(entry)
    try {
      spool.append(JSON.stringify(entry))
    } catch (error) {
      // A restart now would not know of it.
      log.error({ err: error, entry }, 'neither the database nor the spool takes what has happened')
    }
  }

  async #workOff(): Promise<void> {
    let most = batchLength
    while (this.#owed.length > 0) {
      const batch = this.#owed.slice(0, most)
      try {
        await this.#write(batch)
      } catch (error) {
        if (isRefusal(error)) return
        this.parts.log.error({ err: error, kind: batch[0]?.kind }, 'an outcome cannot be written')
        if (most === 1 && !(await this.#giveUp(batch[0] as Entry))) return
        most = 1
      }
    }
    try {
      this.parts.spool.clear()
    } catch (error) {
      // The numbers keep its entries from being written again.
      this.parts.log.error({ err: error }, 'the spool could not be cleared')
    }
  }

  async #write(batch: readonly Entry[]): Promise<void> {
    const leftOut = this.#leftOut
    await this.parts.database.write(async (tx) => {
      for (const { kind, outcome, at, context } of batch) {
        const { write } = this.#kinds.get(kind) ?? unknownKind(kind)
        const then = { at, ...(context ? { context } : {}) }
        await runAsSpooled(then, () => write(tx, outcome as never))
      }
      await recordSpooled(tx, batch, leftOut > 0 ? { leftOut } : {})
    })
    this.#leftOut -= leftOut
    this.#owed.splice(0, batch.length)
    for (const { kind, outcome } of batch) {
      this.#kinds.get(kind)?.options.written?.(outcome as never)
    }
  }

  /** A mistake of ours must not keep the others back for ever: the record holds this one as it is. */
  async #giveUp(entry: Entry): Promise<boolean> {
    const { kind, outcome } = entry
    try {
      await this.parts.database.write((tx) =>
        recordSpooled(tx, [entry], { notApplied: { kind, outcome } }),
      )
    } catch {
      return false
    }
    this.#owed.shift()
    return true
  }
}

/** `last` is what a start that finds the spool goes by. */
function recordSpooled(tx: Transaction, entries: readonly Entry[], more: object): Promise<void> {
  const [first, last] = [entries[0], entries.at(-1)] as [Entry, Entry]
  const since = new Date(first.at).toISOString()
  const detail = { count: entries.length, first: first.n, last: last.n, since, ...more }
  return record(tx, { type: 'audit.spooled', actor: 'system', detail })
}

function unknownKind(kind: string): never {
  throw new Error(`this Pinlab does not know the kind of outcome ${kind}`)
}

function notWritten(): PinlabError {
  return new PinlabError(
    'PINLAB_SERVER_DATABASE',
    'What happened before could not be written to the record yet, so nothing new begins; stop, unlock and release work. Free some space on the disk of the data folder.',
  )
}
