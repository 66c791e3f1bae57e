// Writing down what has happened already. Unlock and stop must work when the record cannot be written, so a refused outcome is
// kept and tried again; a restart ends whatever was still owed.

import type { FastifyBaseLogger } from 'fastify'
import { PinlabError } from '../errors.ts'
import type { Database, Transaction } from '../plugins/database/database.ts'

const maxOwed = 10_000

export class Outcomes {
  readonly #owed: ((tx: Transaction) => Promise<unknown>)[] = []

  constructor(
    private readonly database: Database,
    private readonly log: FastifyBaseLogger,
  ) {}

  /** While outcomes are owed, nothing new may begin: refuses locks and transfers. */
  checkRecordWorks(): void {
    if (this.#owed.length === 0) return
    throw new PinlabError(
      'PINLAB_SERVER_DATABASE',
      'What happened before could not be written to the record yet. Free some space on the disk of the data folder.',
    )
  }

  /** The result, or undefined when the database refused and the outcome is owed. */
  async settle<T>(outcome: (tx: Transaction) => Promise<T>): Promise<T | undefined> {
    try {
      return await this.database.write(outcome)
    } catch (error) {
      if (!(error instanceof PinlabError) || this.#owed.length >= maxOwed) throw error
      this.log.error({ err: error }, 'an outcome could not be recorded and is owed')
      this.#owed.push(outcome)
      return undefined
    }
  }

  /** Called once a second. */
  async sweep(): Promise<void> {
    while (this.#owed[0]) {
      try {
        await this.database.write(this.#owed[0])
        this.#owed.shift()
      } catch {
        return
      }
    }
  }
}
