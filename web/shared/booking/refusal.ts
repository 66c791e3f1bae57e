// What a refused booking says besides its reason: another time, what failed of a series, what is in the way. Pure.

import type { Problem } from '../../../server/contract/schema.ts'

export interface Times {
  start: string
  end: string
}

export interface FailedTime extends Times {
  code: string
  detail: string
}

export interface Conflict extends Times {
  id: string
  ownerName: string
  kind: string
  isRunning: boolean
}

const isTimes = (value: unknown): value is Times =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Times).start === 'string' &&
  typeof (value as Times).end === 'string'

const member = (problem: Problem | null, name: string): unknown =>
  (problem as Record<string, unknown> | null)?.[name]

/** The nearest time that is free. */
export function nearestOf(problem: Problem | null): Times | null {
  const nearest = member(problem, 'nearest')
  return isTimes(nearest) ? nearest : null
}

export function failedOf(problem: Problem | null): FailedTime[] {
  const failed = member(problem, 'failed')
  return Array.isArray(failed) ? failed.filter(isTimes).map((one) => one as FailedTime) : []
}

export function conflictsOf(problem: Problem | null): Conflict[] {
  const conflicts = member(problem, 'conflicts')
  return Array.isArray(conflicts) ? conflicts.filter(isTimes).map((one) => one as Conflict) : []
}
