// The lab's rules for bookings, as its keepers set them.

import { record } from '../audit/audit.ts'
import type { Boards } from '../boards/boards.ts'
import type { Policy, PolicyChange } from '../contract/booking.ts'
import { PinlabError } from '../errors.ts'
import type { Asking } from '../identity/people.ts'
import type { Database, Transaction } from '../plugins/database/database.ts'
import { type BoardRules, changePolicy, rulesFor } from './policy-rules.ts'
import { readPolicy, writePolicy } from './policy-store.ts'

export class Policies {
  constructor(
    private readonly boards: Boards,
    private readonly database: Database,
  ) {}

  read(reader: Database['reader'] | Transaction = this.database.reader): Promise<Policy> {
    return readPolicy(reader)
  }

  async rulesFor(
    board: string,
    reader: Database['reader'] | Transaction = this.database.reader,
  ): Promise<BoardRules> {
    return rulesFor(await readPolicy(reader), board)
  }

  /** `version` is what the caller has seen. Bookings that were made before stay as they are. */
  async change(version: number, change: PolicyChange, { actor, request }: Asking): Promise<Policy> {
    for (const board of Object.keys(change.boards ?? {})) await this.boards.describeOne(board)
    return this.database.write(async (tx) => {
      const before = await readPolicy(tx)
      if (before.version !== version) {
        throw new PinlabError(
          'PINLAB_REQUEST_STALE',
          'Somebody has changed the rules meanwhile. Load again and repeat.',
        )
      }
      const after = changePolicy(before, change)
      await writePolicy(tx, after)
      await record(tx, { type: 'policy.changed', actor: actor.id, request, detail: { ...change } })
      return after
    })
  }
}
