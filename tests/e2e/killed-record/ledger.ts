// What clients asked for and what was acknowledged, by names that the log's events give too.

import type { RecordedEvent } from '../../support/whole-record.ts'

export class Ledger {
  readonly asked = new Set<string>()
  /** With the id that the server gave. */
  readonly acknowledged = new Map<string, string>()
  #count = 0

  /** No two operations have the same. */
  next(): number {
    this.#count += 1
    return this.#count
  }
}

const named: Record<string, (event: RecordedEvent) => unknown> = {
  'dma.lock.requested': ({ detail }) => `lock ${detail?.label}`,
  'dma.data.filled': ({ detail }) => `fill ${detail?.seed}`,
  'dma.transfer.requested': ({ detail }) => `transfer ${detail?.timeoutMs}`,
  'dma.lock.ended': ({ session, detail }) => detail?.reason === 'unlocked' && `unlock ${session}`,
  'lease.ending': ({ detail }) => detail?.reason === 'released' && `release ${detail.lease}`,
  'booking.made': ({ board, detail }) => `book ${board} ${detail?.start}`,
  'booking.cancelled': ({ detail }) => `cancel ${detail?.booking}`,
}

/** The operation that the event tells of; null for what the lab does by itself. */
export function operationOf(event: RecordedEvent): string | null {
  return (named[event.type]?.(event) || null) as string | null
}
