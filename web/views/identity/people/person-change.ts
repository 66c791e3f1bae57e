// What is changed about a person: only what differs. Pure.

import type { Person, PersonChange } from '../../../../server/contract/identity.ts'

/** Null where nothing is changed, or the name is gone. */
export function personChange(
  person: Pick<Person, 'name' | 'role'>,
  wanted: Pick<Person, 'name' | 'role'>,
): PersonChange | null {
  const name = wanted.name.trim()
  if (name === '') return null
  const change = {
    ...(name !== person.name && { name }),
    ...(wanted.role !== person.role && { role: wanted.role }),
  }
  return Object.keys(change).length > 0 ? change : null
}
