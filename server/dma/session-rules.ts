// Limits of locked memory, and what a lock request is recorded as. Pure.

import type { LockLimits } from '../config.ts'
import { dmaOptions, optionBits } from '../contract/dma-options.ts'
import type { DmaSession, LockRequest } from '../contract/dma-session.ts'
import { PinlabError } from '../errors.ts'
import { type Actor, mayDo } from '../identity/permissions.ts'

export interface LockedNow {
  board: number
  person: number
  host: number
  locksOfLease: number
}

/** Refuses whoever may read only their own sessions. */
export function checkMayRead(session: Pick<DmaSession, 'owner'>, actor: Actor): void {
  if (session.owner === actor.id || mayDo(actor, 'session.read-all')) return
  throw new PinlabError(
    'PINLAB_PERMISSION_DENIED',
    'This DMA session is somebody else’s. Administrators and auditors may read all.',
  )
}

/** Refuses what would exceed a limit, and names the limit. */
export function checkLimits(byteLength: number, now: LockedNow, limits: LockLimits): void {
  if (now.locksOfLease >= limits.locksPerLease) {
    throw new PinlabError(
      'PINLAB_LOCK_LIMIT',
      `A lease may hold ${limits.locksPerLease} locks. Unlock one first.`,
      {
        wdStatus: 'WD_TOO_MANY_HANDLES',
        members: { limit: limits.locksPerLease, inUse: now.locksOfLease },
      },
    )
  }
  const sizes = [
    ['board', now.board, limits.lockedByteLengthPerBoard],
    ['person', now.person, limits.lockedByteLengthPerPerson],
    ['host', now.host, limits.lockedByteLengthPerHost],
  ] as const
  for (const [whose, inUse, limit] of sizes) {
    if (inUse + byteLength <= limit) continue
    throw new PinlabError(
      'PINLAB_LOCK_LIMIT',
      `A ${whose} may have ${inMiB(limit)} MiB locked; ${inMiB(inUse)} MiB are, and ${inMiB(byteLength)} MiB were asked for. Unlock something, or ask for less.`,
      { wdStatus: 'WD_INSUFFICIENT_RESOURCES', members: { limit, inUse } },
    )
  }
}

/** What the request says before the host has looked at it: no direction means both. */
export function requestedAs({ kind, direction, options, addressWidth }: LockRequest): {
  direction: DmaSession['direction']
  options: number
} {
  const own = kind === 'contiguous' ? dmaOptions.KERNEL_BUFFER_ALLOC : 0
  return {
    direction: direction ?? 'toFromDevice',
    options: optionBits(options, addressWidth) | own,
  }
}

const inMiB = (byteLength: number) => Number((byteLength / 1024 / 1024).toFixed(2))
