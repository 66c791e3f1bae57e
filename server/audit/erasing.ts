// Erasure of what identifies a person. The events stay: they carry only commitments to it, and the person's id.

import type { Erased, ErasureRequest } from '../contract/audit.ts'
import type { Database, Transaction } from '../plugins/database/database.ts'
import { record } from './audit.ts'
import { removePersonalParts } from './audit-store.ts'

/** What stands where a name stood. */
export const erasedName = 'erased'

/** How many pieces of data go in one transaction. */
const batch = 500

/** Erases a person's name in the tables of one feature; may refuse. */
export type NameErasure = (tx: Transaction, person: string) => Promise<void>

export interface ErasingParts {
  database: Database
  /** The first one says whether this person may be erased. */
  names: readonly NameErasure[]
  /** After all of it is gone. */
  onErased: (person: string) => void
}

export class Erasing {
  constructor(private readonly parts: ErasingParts) {}

  /** Each transaction is recorded with how much it erased. Once begun it can be repeated until nothing is left. */
  async erase({ person, reason }: ErasureRequest, { actor }: { actor: string }): Promise<Erased> {
    const { database, names, onErased } = this.parts
    let count = 0
    for (let isFirst = true, isDone = false; !isDone; isFirst = false) {
      const erased = await database.write(async (tx) => {
        if (isFirst) for (const erase of names) await erase(tx, person)
        const erased = await removePersonalParts(tx, person, batch)
        const detail = { person, count: erased, reason }
        await record(tx, { type: 'audit.erased', actor, detail })
        return erased
      })
      count += erased
      isDone = erased < batch
    }
    onErased(person)
    return { person, count }
  }
}
