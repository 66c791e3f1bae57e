// The lab's rules, changed by its keeper over a real port.

import type { PolicyRules } from '../../server/contract/booking.ts'
import type { ServerAccess } from './call-api.ts'

/** Of a lab whose rules nobody has changed before. */
export async function changePolicy(
  { url, token }: ServerAccess,
  rules: Partial<PolicyRules>,
): Promise<void> {
  const answer = await fetch(`${url}/api/v1/policy`, {
    method: 'PATCH',
    headers: {
      ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      'if-match': '"1"',
    },
    body: JSON.stringify(rules),
  })
  if (!answer.ok) throw new Error(`the policy was refused: ${await answer.text()}`)
}
