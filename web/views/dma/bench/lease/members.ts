// Who shares a lease, for the dialog that changes it. Pure.

import type { Lease, LeaseMember } from '../../../../../server/contract/lease.ts'

/** Whom the holder added. */
export const membersOf = ({ memberDetails }: Pick<Lease, 'memberDetails'>): LeaseMember[] =>
  memberDetails.filter(({ override }) => override === null)

/** Keepers who made themselves members: the holder cannot send them away. */
export const keepersOf = ({ memberDetails }: Pick<Lease, 'memberDetails'>): LeaseMember[] =>
  memberDetails.filter(({ override }) => override !== null)

/** "bob, Cy  dee" as they are kept: lower case, each once. */
export function loginsFrom(text: string): string[] {
  const logins = text.toLowerCase().split(/[\s,;]+/)
  return [...new Set(logins.filter((login) => login !== ''))]
}
