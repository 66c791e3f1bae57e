// What a fault of a board means for its holder, and what to do.

import type { BoardFault, FaultKind } from '../../../../server/contract/board.ts'
import { formatCount } from '../../../shared/format.ts'

const faultTitles: Record<FaultKind, string> = {
  iommu: 'Access refused',
  engine: 'Engine stopped at an error',
  short: 'Ended before its length',
  stall: 'Engine did not stop',
  linkLost: 'Board does not answer',
  removed: 'Board was taken away',
}

const faultAdvice: Record<FaultKind, string> = {
  iommu:
    'Nothing outside the lock was touched. A refused write leaves the transfer done with bytes missing: check the data, and that the lock covers the whole range.',
  engine:
    'Bytes up to the last finished descriptor arrived. Start again; if it comes back, reset by releasing the board.',
  short: 'Only the bytes that are counted arrived. Start again from there.',
  stall:
    'The board was reset: its registers are as after power-up and its other transfers failed. Set it up again.',
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

/** The newest of them; the record has all. */
export function faultLines(faults: readonly BoardFault[]): FaultLine[] {
  return faults.slice(0, linesShown).map(({ lastAt, count, kind, channel, detail }, i) => ({
    at: lastAt,
    title: count > 1 ? `${faultTitles[kind]} ${formatCount(count)} times` : faultTitles[kind],
    where: channel ? ` · ${channel}` : '',
    detail: count > 1 ? `First: ${detail}` : detail,
    advice: faults.findIndex((fault) => fault.kind === kind) === i ? faultAdvice[kind] : '',
  }))
}
