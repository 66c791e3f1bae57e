// What the lab says about a board now: one word or name, and a line of facts below it.

import type { BoardStatus } from '../../../server/contract/overview.ts'
import { formatBytes, formatHour, formatTimeLeft } from '../../shared/format.ts'
import type { Standing } from '../../shared/standing.ts'

export interface BoardFacts {
  words: string
  sub: string
  /** The line is figures rather than a sentence. */
  figures: boolean
}

export function boardFacts(status: BoardStatus, kind: Standing['kind'], now: number): BoardFacts {
  const { lease } = status
  if (kind === 'yours' && lease) {
    const left = formatTimeLeft(Date.parse(lease.endsAt) - now)
    return { words: 'yours', sub: `${left}${lockedPart(status)}`, figures: true }
  }
  if (kind === 'held' && lease) {
    const words = `${lease.holderName} until ${formatHour(lease.endsAt)}`
    return { words, sub: formatTimeLeft(Date.parse(lease.endsAt) - now), figures: true }
  }
  if (kind === 'free') return { words: 'free', sub: checkedPart(status), figures: true }
  return { words: kind, sub: status.stateReason ?? since(status), figures: false }
}

function lockedPart({ lockedByteLength }: BoardStatus): string {
  return lockedByteLength > 0 ? ` · ${formatBytes(lockedByteLength)} locked` : ''
}

function checkedPart({ health, stateSince }: BoardStatus): string {
  if (!health) return `since ${formatHour(stateSince)}`
  return health.ok ? `healthy, ${formatHour(health.checkedAt)}` : health.detail
}

const since = ({ stateSince }: BoardStatus) => `since ${formatHour(stateSince)}`
