// What the newest checkpoint proves, in words and a sign. Pure.

import type { AuditEventEntry, CheckpointStatus } from '../../../../../server/contract/audit.ts'
import { formatCount, plural } from '../../../../shared/format.ts'
import type { Standing } from '../../../../shared/standing.ts'

export type ProofSign = Pick<Standing, 'words' | 'shape' | 'colour'>

/** The part of a verifier key (name+hash+base64) that people compare. */
export const fingerprintOf = (key: string): string => key.split('+')[1] ?? key

/** Of the record as a whole. */
export function recordSign({ size, checkpoint, damage }: CheckpointStatus): ProofSign {
  if (damage.length > 0) {
    return { words: 'damage was found', shape: 'square', colour: '--quarantined' }
  }
  if (!checkpoint) return { words: 'not signed yet', shape: 'bar', colour: '--clearing' }
  const since = size - checkpoint.size
  if (since <= 0) return { words: 'all events are signed', shape: 'disc', colour: '--ready' }
  return {
    words: `${plural(since, 'event')} since the checkpoint`,
    shape: 'ring',
    colour: '--ready',
  }
}

/** Of one session's events, oldest first. */
export function sessionSign(
  { checkpoint }: CheckpointStatus,
  events: Pick<AuditEventEntry, 'seq'>[],
): ProofSign {
  const last = events.at(-1)?.seq
  if (last === undefined) return { words: 'no events', shape: 'frame', colour: '--offline' }
  const covered = events.filter(({ seq }) => seq <= (checkpoint?.size ?? 0)).length
  if (covered === events.length) {
    const all = events.length === 1 ? 'its event is' : `all its ${formatCount(covered)} events are`
    return { words: `${all} signed`, shape: 'disc', colour: '--ready' }
  }
  return {
    words: `${formatCount(covered)} of ${plural(events.length, 'event')} signed, the rest within seconds`,
    shape: 'bar',
    colour: '--clearing',
  }
}
