// The lab's rules as people type them: which field means what, and what was changed. Pure.

import type { Policy, PolicyChange, PolicyRules } from '../../../../server/contract/booking.ts'
import { policyLimits } from '../../../../server/contract/limits.ts'

export interface RuleField {
  name: keyof PolicyRules
  label: string
  unit: string
  hint: string
  minimum: number
  maximum: number
  multipleOf: number
}

export const ruleFields: readonly RuleField[] = [
  {
    name: 'defaultMinutes',
    label: '“Use now”',
    unit: 'minutes',
    hint: 'how long one gets a free board without booking',
    ...policyLimits.minutes,
  },
  {
    name: 'longestMinutes',
    label: 'Longest booking',
    unit: 'minutes',
    hint: 'with all extensions',
    ...policyLimits.minutes,
  },
  {
    name: 'horizonDays',
    label: 'Ahead',
    unit: 'days',
    hint: 'how far ahead a booking may begin',
    multipleOf: 1,
    ...policyLimits.horizonDays,
  },
  {
    name: 'concurrentBookings',
    label: 'At once',
    unit: 'bookings',
    hint: 'planned or running, for each person',
    multipleOf: 1,
    ...policyLimits.concurrentBookings,
  },
  {
    name: 'weeklyHours',
    label: 'A week',
    unit: 'hours',
    hint: 'for each person, Monday to Sunday in the lab’s timezone',
    multipleOf: 1,
    ...policyLimits.weeklyHours,
  },
]

export type TypedRules = Record<keyof PolicyRules, string>

export interface TypedPolicy {
  timezone: string
  rules: TypedRules
  /** An empty field: as for the whole lab. */
  boards: Record<string, TypedRules>
}

const typedRules = (rules: Partial<PolicyRules>): TypedRules =>
  Object.fromEntries(
    ruleFields.map(({ name }) => [name, rules[name] === undefined ? '' : String(rules[name])]),
  ) as TypedRules

/** The boards named, and those that have rules of their own though they are gone. */
export function typedPolicy(policy: Policy, boards: readonly string[]): TypedPolicy {
  const all = new Set([...boards, ...Object.keys(policy.boards)])
  return {
    timezone: policy.timezone,
    rules: typedRules(policy),
    boards: Object.fromEntries([...all].map((id) => [id, typedRules(policy.boards[id] ?? {})])),
  }
}

export function fieldFault(
  field: RuleField,
  text: string,
  isOverride: boolean,
): string | undefined {
  const plain = text.trim()
  if (plain === '') return isOverride ? undefined : 'Type a number.'
  const value = Number(plain)
  const { minimum, maximum, multipleOf, unit } = field
  if (!Number.isInteger(value)) return 'Type a whole number.'
  if (value < minimum || value > maximum) return `${minimum} to ${maximum} ${unit}.`
  if (value % multipleOf !== 0) return `A multiple of ${multipleOf}.`
  return undefined
}

export function hasFault({ rules, boards }: TypedPolicy): boolean {
  const isBad = (typed: TypedRules, isOverride: boolean) =>
    ruleFields.some((field) => fieldFault(field, typed[field.name], isOverride) !== undefined)
  return isBad(rules, false) || Object.values(boards).some((typed) => isBad(typed, true))
}

function readRules(typed: TypedRules): Partial<PolicyRules> {
  const given = ruleFields.filter(({ name }) => typed[name].trim() !== '')
  return Object.fromEntries(given.map(({ name }) => [name, Number(typed[name])]))
}

/** Only what differs; null where nothing does. A board whose fields are all empty has no rules of its own any more. */
export function policyChange(policy: Policy, typed: TypedPolicy): PolicyChange | null {
  const change: PolicyChange = {}
  const timezone = typed.timezone.trim()
  if (timezone !== policy.timezone) change.timezone = timezone
  for (const { name } of ruleFields) {
    const value = Number(typed.rules[name])
    if (value !== policy[name]) change[name] = value
  }
  const boards = Object.entries(typed.boards).flatMap(([id, rules]) => {
    const wanted = readRules(rules)
    const had = policy.boards[id] ?? {}
    if (ruleFields.every(({ name }) => wanted[name] === had[name])) return []
    return [[id, Object.keys(wanted).length > 0 ? wanted : null] as const]
  })
  if (boards.length > 0) change.boards = Object.fromEntries(boards)
  return Object.keys(change).length > 0 ? change : null
}
