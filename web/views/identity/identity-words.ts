// Roles, scopes and states in plain words, and which scopes a role can give. Pure.

import type { Person, Role, Scope } from '../../../server/contract/identity.ts'
import type { Standing } from '../../shared/standing.ts'

export const roleWords: Record<Role, string> = {
  viewer: 'sees the lab and who uses what',
  operator: 'uses boards: locks, transfers, bytes',
  admin: 'also keeps the boards and the people',
  auditor: 'sees all records, uses nothing',
}
export const roles = Object.keys(roleWords) as Role[]

export const scopeWords: Record<Scope, string> = {
  read: 'see the lab and one’s own records',
  book: 'take and release boards',
  control: 'lock memory, run transfers, read and write bytes',
  audit: 'see everybody’s records',
  admin: 'keep boards and people, ask the doctor',
}

/** One permission that stands for each scope. */
const permissionOf: Record<Scope, string> = {
  read: 'lab.read',
  book: 'board.book',
  control: 'board.control',
  audit: 'session.read-all',
  admin: 'people.manage',
}

/** A token never does more than its owner: only scopes that this person can use. */
export function usableScopes(permissions: readonly string[]): Scope[] {
  const all = Object.keys(permissionOf) as Scope[]
  return all.filter((scope) => permissions.includes(permissionOf[scope]))
}

type Sign = Pick<Standing, 'words' | 'shape' | 'colour'>

export const stateSigns: Record<Person['state'], Sign> = {
  active: { words: 'active', shape: 'disc', colour: '--ready' },
  invited: { words: 'invited', shape: 'ring', colour: '--leased' },
  disabled: { words: 'disabled', shape: 'square', colour: '--offline' },
}

const programs: [RegExp, string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]
const systems: [RegExp, string][] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
]

const nameIn = (list: [RegExp, string][], text: string) =>
  list.find(([pattern]) => pattern.test(text))?.[1]

/** "Firefox on Linux"; what says nothing about itself is shown by its first word. */
export function browserName(userAgent: string): string {
  const program = nameIn(programs, userAgent)
  const system = nameIn(systems, userAgent)
  if (program && system) return `${program} on ${system}`
  return program ?? (userAgent.split(/[\s/]/)[0] || 'an unknown program')
}
