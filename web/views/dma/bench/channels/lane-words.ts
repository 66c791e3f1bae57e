// A channel's lane in words: what it is doing, and how far it is.

import type { Channel } from '../../../../../server/contract/board.ts'
import type { Transfer } from '../../../../../server/contract/dma-session.ts'
import { formatBytes, formatCount, formatDuration, plural } from '../../../../shared/format.ts'

/** "cyclic into run 7" */
export function laneTitle({ direction }: Channel, transfer: Transfer, lock: string): string {
  return `${transfer.mode} ${direction === 'c2h' ? 'into' : 'from'} ${lock}`
}

/** How much of the range has been filled in this round, 0 to 1. */
export function laneProgress(transfer: Transfer): number {
  const { bytesCompleted, byteLength, mode, state } = transfer
  if (mode === 'once') return Math.min(1, bytesCompleted / byteLength)
  if (state !== 'running' && bytesCompleted === 0) return 0
  const within = bytesCompleted % byteLength
  return within === 0 && bytesCompleted > 0 ? 1 : within / byteLength
}

/** Which block of the ring is being filled now, counted from 1. */
export function currentBlock(transfer: Transfer): { block: number; of: number } | null {
  if (!transfer.blockByteLength) return null
  const of = Math.round(transfer.byteLength / transfer.blockByteLength)
  return { block: (transfer.blocksCompleted % of) + 1, of }
}

/** `sinceGrowthMs`: how long ago the count of what is complete was seen to grow. */
export function laneDetail(transfer: Transfer, sinceGrowthMs: number | null = null): string {
  const isRunning = transfer.state === 'running'
  const parts = isRunning ? runningParts(transfer) : endedParts(transfer)
  if (isRunning && sinceGrowthMs !== null) parts.push(lastWords(sinceGrowthMs))
  return parts.join(' · ')
}

/** What a reader of the buffer must know is not in it; empty where nothing is known to be missing. */
export function laneLoss({ overruns, refusedAccesses }: Transfer): string {
  const parts: string[] = []
  if (overruns > 0) parts.push('data was lost')
  if (refusedAccesses > 0) parts.push(`${plural(refusedAccesses, 'access', 'accesses')} refused`)
  return parts.join(' · ')
}

function runningParts(transfer: Transfer): string[] {
  const at = currentBlock(transfer)
  if (!at) {
    return [`${formatBytes(transfer.bytesCompleted)} of ${formatBytes(transfer.byteLength)}`]
  }
  return [
    `block ${at.block} of ${at.of}`,
    `${formatCount(transfer.blocksCompleted)} done`,
    overruns(transfer),
  ]
}

function endedParts(transfer: Transfer): string[] {
  const took = transfer.endedAt
    ? ` in ${formatDuration(Date.parse(transfer.endedAt) - Date.parse(transfer.startedAt))}`
    : ''
  const parts = [`${transfer.state}, ${formatBytes(transfer.bytesCompleted)}${took}`]
  if (transfer.mode === 'cyclic') parts.push(overruns(transfer))
  return parts
}

/** Progress is told ten times a second and the page's clock ticks once: less than two seconds are now. */
const lastWords = (ms: number) => `last ${ms < 2000 ? 'just now' : `${formatDuration(ms)} ago`}`

const overruns = (transfer: Transfer) =>
  transfer.overruns === 0 ? 'no overrun' : plural(transfer.overruns, 'overrun')
