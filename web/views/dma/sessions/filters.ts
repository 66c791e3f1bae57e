// The filters that both lists have.

import type { NamedPerson } from '../../../../server/contract/identity.ts'
import type { BoardSummary } from '../../../../server/contract/overview.ts'
import type { FilterField } from './FilterBar.svelte'

export const boardField = (boards: Pick<BoardSummary, 'id'>[]): FilterField => ({
  ...{ name: 'board', label: 'Board', kind: 'choice', any: 'all boards' },
  choices: boards.map(({ id }) => ({ value: id, words: id })),
})

/** Two people of one name are told apart by their logins. */
export const personField = (name: string, people: NamedPerson[]): FilterField => ({
  ...{ name, label: 'Person', kind: 'choice', any: 'all people' },
  choices: people.map((person) => ({
    value: person.id,
    words: `${person.name} (${person.login})`,
  })),
})

export const timeFields: FilterField[] = [
  { name: 'from', label: 'From', kind: 'time' },
  { name: 'to', label: 'Before', kind: 'time' },
]

/** What the address says of these fields, as the server takes it. */
export function chosen<Name extends string>(
  query: URLSearchParams,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const pairs = names.map((name) => [name, query.get(name) ?? ''] as const)
  return Object.fromEntries(pairs.filter(([, value]) => value !== '')) as Partial<
    Record<Name, string>
  >
}
