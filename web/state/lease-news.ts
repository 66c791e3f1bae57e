// What somebody must be told about the boards that they control: that the time runs out, that it has ended, that a keeper has
// stepped in. Each once, also after a reload. Pure; time and what is remembered are passed in.

import type { Lease } from '../../server/contract/lease.ts'
import { warningMinutes } from '../../server/contract/limits.ts'
import type { BoardStatus } from '../../server/contract/overview.ts'
import { controls } from '../shared/standing.ts'

/** A lease of this person, as it was when it was last looked at. */
export interface Followed {
  board: string
  endsAt: string
  /** The shortest warning that was given for this end, in minutes. */
  warned: number | null
  /** Keepers who made themselves members and of whom this person was told. */
  keepers: string[]
}

/** By the lease's id. */
export type Memory = Record<string, Followed>

export type News =
  | { kind: 'soon'; lease: string; board: string; minutes: number; endsAt: string }
  | { kind: 'ended'; lease: string; board: string; why: EndWhy; detail: string | null }
  | { kind: 'override'; lease: string; board: string; keeper: string; reason: string }

/** `gone`: it ended while nobody looked, before its time. */
export type EndWhy = NonNullable<Lease['endReason']> | 'gone'

const minuteMs = 60_000

/** The shortest warning that is due so long before the end; null before the first, and when it is over. */
export function warningAt(leftMs: number): number | null {
  const due = leftMs > 0 ? warningMinutes.filter((minutes) => leftMs <= minutes * minuteMs) : []
  return due.length > 0 ? Math.min(...due) : null
}

interface Look {
  /** Of every board: a lease that none of them has is over. */
  statuses: BoardStatus[]
  me: { id: string }
  now: number
}

export function lookAtLeases(
  before: Memory,
  { statuses, me, now }: Look,
): { memory: Memory; news: News[] } {
  const memory: Memory = {}
  const news: News[] = []
  for (const { lease } of statuses) {
    if (!lease || !controls(lease, me)) continue
    const { followed, told } = follow(before[lease.id], lease, { me, now })
    memory[lease.id] = followed
    news.push(...told)
  }
  for (const [id, followed] of Object.entries(before)) {
    if (memory[id]) continue
    const lease = statuses.find((status) => status.lease?.id === id)?.lease ?? null
    const told = ended(id, followed, { lease, me, now })
    if (told) news.push(told)
  }
  return { memory, news }
}

function follow(
  known: Followed | undefined,
  lease: Lease,
  { me, now }: Pick<Look, 'me' | 'now'>,
): { followed: Followed; told: News[] } {
  const { id, board, endsAt } = lease
  const told: News[] = []
  // Another end takes back what was said about the one before.
  const warned = known?.endsAt === endsAt ? known.warned : null
  const due = warningAt(Date.parse(endsAt) - now)
  const isDue = due !== null && (warned === null || due < warned)
  if (isDue) told.push({ kind: 'soon', lease: id, board, minutes: due, endsAt })
  const keepers = lease.memberDetails.filter((one) => one.override !== null && one.id !== me.id)
  for (const keeper of keepers) {
    if (known?.keepers.includes(keeper.id)) continue
    const reason = keeper.override ?? ''
    told.push({ kind: 'override', lease: id, board, keeper: keeper.name, reason })
  }
  return {
    followed: {
      board,
      endsAt,
      warned: isDue ? due : warned,
      keepers: keepers.map((keeper) => keeper.id),
    },
    told,
  }
}

/** Whoever gave the board back knows. */
function ended(
  id: string,
  { board, endsAt }: Followed,
  { lease, me, now }: Pick<Look, 'me' | 'now'> & { lease: Lease | null },
): News | null {
  const why = lease?.endReason ?? (Date.parse(endsAt) <= now ? 'expired' : 'gone')
  if (why === 'released' && lease?.holder === me.id) return null
  return { kind: 'ended', lease: id, board, why, detail: lease?.endDetail ?? null }
}
