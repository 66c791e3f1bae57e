// A DMA session's state and end, in words and a sign.

import type { DmaSessionSummary } from '../../../../server/contract/dma-session.ts'
import { formatDay, formatDuration, formatTime } from '../../../shared/format.ts'
import type { Standing } from '../../../shared/standing.ts'
import { endReasonWords, sessionStateWords } from '../../../shared/words.ts'

type Session = Pick<
  DmaSessionSummary,
  'state' | 'lockedAt' | 'endedAt' | 'endReason' | 'failure' | 'requestedAt'
>

const signs = {
  requested: { shape: 'bar', colour: '--clearing' },
  locked: { shape: 'disc', colour: '--leased' },
  ended: { shape: 'ring', colour: '--ink-3' },
  failed: { shape: 'square', colour: '--quarantined' },
} as const

export function sessionSign({ state }: Session): Pick<Standing, 'words' | 'shape' | 'colour'> {
  return { words: sessionStateWords[state], ...signs[state] }
}

export function whyEnded({ endReason, failure, state }: Session): string {
  if (failure) return failure.detail
  if (endReason) return endReasonWords[endReason]
  return state === 'locked' ? 'still locked' : ''
}

/** From lock to unlock, or until now. */
export function heldFor({ lockedAt, endedAt }: Session, now: number): string {
  if (!lockedAt) return '–'
  return formatDuration((endedAt ? Date.parse(endedAt) : now) - Date.parse(lockedAt))
}

export const dayAndTime = (time: string): string => `${formatDay(time)} ${formatTime(time)}`
