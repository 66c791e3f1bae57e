// The handlers of a card's events.

import type { EventHandlers } from './addon.ts'
import type { InterruptEvent, IommuFault } from './surface.ts'

/** A handler that throws is the caller's fault; other events are handed over all the same. */
function callApart<T>(handler: (event: T) => void, event: T): void {
  try {
    handler(event)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

/** Where a card's events go; shared with the addon before the card itself exists. */
export class CardEvents {
  readonly interrupts = new Map<number, (event: InterruptEvent) => void>()
  readonly faults = new Set<(fault: IommuFault) => void>()

  readonly #removals = new Set<() => void>()
  #removalWanted = false

  readonly onInterrupt = (vector: number, count: number): void => {
    const handler = this.interrupts.get(vector)
    if (handler) callApart(handler, { count, lost: 0 })
  }

  readonly onFault = (
    address: bigint,
    toDevice: boolean,
    channel: string,
    at: number,
    mappedOtherwise: boolean,
    nearestHandle: number,
    count: number,
  ): void => {
    const direction = toDevice ? 'toDevice' : 'fromDevice'
    const reason = mappedOtherwise ? 'direction' : 'unmapped'
    const fault: IommuFault = { address, direction, channel, at, reason, nearestHandle, count }
    for (const handler of this.faults) callApart(handler, fault)
  }

  readonly onRemoval = (): void => {
    this.#removalWanted = true
    for (const handler of this.#removals) callApart(handler, undefined)
    this.#removals.clear()
  }

  /** Whoever comes late is told all the same. */
  addRemoval(handler: () => void): () => void {
    // A wrapper, so that a function given twice is two handlers.
    const own = () => handler()
    this.#removals.add(own)
    if (this.#removalWanted) {
      queueMicrotask(() => {
        if (this.#removals.delete(own)) own()
      })
    }
    return () => {
      this.#removals.delete(own)
    }
  }

  /** In the addon's order. */
  get all(): EventHandlers {
    return [this.onInterrupt, this.onFault, this.onRemoval]
  }
}
