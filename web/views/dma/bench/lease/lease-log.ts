// What happened during a lease, as lines: derived from its sessions and transfers, so that a reload shows the same.

import type {
  DmaSession,
  DmaSessionSummary,
  Transfer,
} from '../../../../../server/contract/dma-session.ts'
import type { Lease } from '../../../../../server/contract/lease.ts'
import { formatBytes, formatHour, plural } from '../../../../shared/format.ts'
import { endReasonWords, lockName } from '../../../../shared/words.ts'

export interface LogLine {
  at: string
  text: string
  /** Something went wrong. */
  bad: boolean
}

type Session = DmaSession | DmaSessionSummary

/** Newest first. `by` is who took control, in words. */
export function leaseLog(
  lease: Lease & { by: string },
  sessions: Iterable<Session>,
  transfers: { transfer: Transfer }[],
): LogLine[] {
  const lines = [
    line(lease.startedAt, `${lease.by} took control until ${formatHour(lease.endsAt)}`),
    ...[...sessions].flatMap(sessionLines),
    ...transfers.flatMap(({ transfer }) => transferLines(transfer)),
  ]
  return lines.sort((a, b) => b.at.localeCompare(a.at))
}

const line = (at: string, text: string, bad = false): LogLine => ({ at, text, bad })

function sessionLines(session: Session): LogLine[] {
  const name = lockName(session)
  const lines: LogLine[] = []
  if (session.lockedAt) {
    const pages = session.pageCount === null ? '' : `, ${plural(session.pageCount, 'page')}`
    lines.push(line(session.lockedAt, `locked ${name}${pages}`))
  }
  if (session.failure) {
    lines.push(
      line(session.endedAt ?? session.requestedAt, `${name}: ${session.failure.detail}`, true),
    )
  } else if (session.endedAt && session.endReason) {
    const why = session.endReason === 'unlocked' ? '' : `: ${endReasonWords[session.endReason]}`
    lines.push(line(session.endedAt, `unlocked ${name}${why}`, why !== ''))
  }
  return lines
}

function transferLines(transfer: Transfer): LogLine[] {
  const blocks = transfer.blockByteLength
    ? `, ${plural(Math.round(transfer.byteLength / transfer.blockByteLength), 'block')}`
    : `, ${formatBytes(transfer.byteLength)}`
  const lines = [line(transfer.startedAt, `${transfer.channel} started, ${transfer.mode}${blocks}`)]
  if (transfer.endedAt) {
    const why = transfer.failure ? `: ${transfer.failure.detail}` : ''
    const text = `${transfer.channel} ${transfer.state}, ${formatBytes(transfer.bytesCompleted)}${why}`
    lines.push(line(transfer.endedAt, text, transfer.state === 'failed'))
  }
  return lines
}
