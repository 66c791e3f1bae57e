// The lab's rules as they are for one board. Pure.

import type { Policy, PolicyRules } from '../../../server/contract/booking.ts'

export function rulesOf(policy: Policy, board: string): PolicyRules {
  const { boards, version: _, timezone: __, ...rules } = policy
  return { ...rules, ...boards[board] }
}
