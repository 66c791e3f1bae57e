// What a fault of a board means for its holder, and what to do.

import type { BoardFault, FaultKind } from '../../../../server/contract/board.ts'
import type { DmaSession } from '../../../../server/contract/dma-session.ts'
import { formatCount } from '../../../shared/format.ts'
import { lockName } from '../../../shared/words.ts'

const faultTitles: Record<FaultKind, string> = {
  iommu: 'Access refused',
  engine: 'Engine stopped at an error',
  short: 'Ended before its length',
  stall: 'Engine did not stop',
  linkLost: 'Link lost',
  removed: 'Board was taken away',
}

const faultAdvice: Record<FaultKind, string> = {
  iommu:
    'Nothing outside the lock was touched. A refused write leaves the transfer done with bytes missing: check the data, and that the lock covers the whole range.',
  engine:
    'Bytes up to the last finished descriptor arrived. Start again; if it comes back, reset by releasing the board.',
  short: 'Only the bytes that are counted arrived. Start again from there.',
  stall:
    'Registers are as after power-up, and other transfers failed. Set the board up again; if it comes back, see what the channel waits for.',
  linkLost:
    'Save what you need and unlock; nothing can be transferred any more. The keeper has to look at the board.',
  removed: 'Its locks have ended, and what was in them is gone. Release the board.',
}

export interface FaultLine {
  at: string
  title: string
  where: string
  detail: string
  /** Empty where a newer fault of the same kind says it already. */
  advice: string
}

const linesShown = 5

/** Sessions are those of the bench: one that is not among them has ended. */
type Sessions = readonly Pick<DmaSession, 'id' | 'label' | 'state'>[]

/** The newest of them; the record has all. */
export function faultLines(faults: readonly BoardFault[], sessions: Sessions): FaultLine[] {
  return faults.slice(0, linesShown).map((fault, i) => {
    const { lastAt, count, kind, channel } = fault
    return {
      at: lastAt,
      title: count > 1 ? `${faultTitles[kind]} ${formatCount(count)} times` : faultTitles[kind],
      where: channel ? ` · ${channel}` : '',
      detail: whatHappened(fault, sessions),
      advice: faults.findIndex((other) => other.kind === kind) === i ? faultAdvice[kind] : '',
    }
  })
}

function whatHappened(
  { count, detail, address, nearestSession }: BoardFault,
  sessions: Sessions,
): string {
  const where = address ? `${detail} At ${address}.` : detail
  const what = count > 1 ? `First: ${where}` : where
  if (!nearestSession) return what
  const nearest = sessions.find(({ id }) => id === nearestSession)
  const isLocked = nearest?.state === 'locked'
  return `${what} Nearest is ${isLocked ? lockName(nearest) : 'a lock that has ended'}.`
}
