// What is typed to make a token. Pure.

import { longestTokenDays } from '../../../../server/contract/limits.ts'

/** Whole days that a token may live, or null. */
export function parseDays(text: string): number | null {
  if (!/^\d{1,4}$/.test(text.trim())) return null
  const days = Number(text)
  return days >= 1 && days <= longestTokenDays ? days : null
}
