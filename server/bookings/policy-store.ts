// The policy's table: one row.

import type { Policy } from '../contract/booking.ts'
import type { Reader, Transaction } from '../plugins/database/database.ts'
import { defaultPolicy } from './policy-rules.ts'

const id = 'lab'

export async function readPolicy(reader: Reader | Transaction): Promise<Policy> {
  const row = await reader.policy.findUnique({ where: { id } })
  return row
    ? { ...defaultPolicy, ...(row.rules as Partial<Policy>), version: row.version }
    : defaultPolicy
}

export async function writePolicy(tx: Transaction, policy: Policy): Promise<void> {
  const { version, ...rules } = policy
  await tx.policy.upsert({
    where: { id },
    create: { id, rules, version },
    update: { rules, version },
  })
}
