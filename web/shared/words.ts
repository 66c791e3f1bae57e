// The contract's values in plain words.

import type { BoardDescription } from '../../server/contract/board.ts'
import type { Direction, LockKind } from '../../server/contract/dma-options.ts'
import type { SessionEndReason, SessionState } from '../../server/contract/dma-session.ts'

export const kindWords: Record<LockKind, string> = {
  scatterGather: 'scatter/gather',
  contiguous: 'contiguous',
}

export const directionWords: Record<Direction, string> = {
  fromDevice: 'from device',
  toDevice: 'to device',
  toFromDevice: 'both ways',
}

export const sessionStateWords: Record<SessionState, string> = {
  requested: 'requested',
  locked: 'locked',
  ended: 'ended',
  failed: 'failed',
}

export const endReasonWords: Record<SessionEndReason, string> = {
  unlocked: 'unlocked by its owner',
  'lease-ended': 'the lease ended',
  'lease-revoked': 'the lease was revoked',
  'board-fault': 'the board reported a fault',
  'host-restarted': 'the host restarted',
  shutdown: 'the server shut down',
}

/** What a board is: "Fast disk · nvme · vfio 0000:01:00.0". */
export function boardLine(
  board: Pick<BoardDescription, 'name' | 'driver' | 'bus' | 'address'>,
): string {
  const { name, driver, bus, address } = board
  return `${name} · ${driver} · ${address ? `${bus} ${address}` : bus}`
}

/** What the button does, with the board's usual time once that is known. */
export function extendWords(minutes: number | undefined): string {
  return minutes === undefined ? 'Extend' : `Extend ${minutes} min`
}

/** A lock by its label, or by the start of its id where it has none. */
export function lockName(session: { id: string; label: string }): string {
  return session.label || `lock ${session.id.slice(-6)}`
}

/** A capture by its name, or by the start of its id where it has none. */
export function captureName(capture: { id: string; name: string }): string {
  return capture.name || `capture ${capture.id.slice(-6)}`
}
