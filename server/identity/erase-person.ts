// What identity forgets of a person who is erased.

import { erasedName, type NameErasure } from '../audit/erasing.ts'
import type { Clock } from '../clock.ts'
import { PinlabError } from '../errors.ts'
import { erasePersonRows, readPerson } from './identity-store.ts'

/** Refuses unless the account is disabled: somebody who can sign in would be recorded by name again. */
export function erasePerson(clock: Clock): NameErasure {
  return async (tx, id) => {
    const person = await readPerson(tx, id)
    if (!person) throw new PinlabError('PINLAB_PERSON_UNKNOWN', 'There is no such person.')
    if (!person.disabledAt) {
      throw new PinlabError(
        'PINLAB_PERSON_NOT_DISABLED',
        `${person.name} can still sign in. Disable the account first.`,
      )
    }
    await erasePersonRows(tx, id, { name: erasedName, at: new Date(clock.now()) })
  }
}
