// The types of what a card reports: interrupts and refused accesses.

export interface InterruptEvent {
  /** Messages on this vector since the handler last ran: at least 1. */
  count: number
  /** Messages that could not be counted: 0 where the bus hands over each one, as those we have do. */
  lost: number
}

/** An interrupt vector that is enabled for waiting. */
export interface EnabledInterrupt {
  readonly vector: number
  /** WD_IntCount: messages handed over since it was enabled. */
  readonly total: number
  /**
   * WD_IntWait: messages since the last wait, at once if there are any: none is lost between looking
   * and waiting. WD_TIME_OUT_EXPIRED; WD_INTERRUPT_NOT_ENABLED, also when it is disabled meanwhile;
   * WD_INVALID_HANDLE when the card is closed meanwhile; WD_TRY_AGAIN while another one waits. A
   * wait without a time-out does not keep the process.
   */
  wait(options?: { timeoutMs?: number }): Promise<InterruptEvent>
  /** WD_IntDisable. WD_INTERRUPT_NOT_ENABLED the second time. */
  disable(): void
}

/** Accesses of the board that its IOMMU refused: one, or several alike (channel, direction, reason) that came at once. */
export interface IommuFault {
  /** Of the first, like `at` and `nearestHandle`. */
  address: bigint
  /** What the board tried: to read (`toDevice`) or to write (`fromDevice`) the memory. */
  direction: 'toDevice' | 'fromDevice'
  /** Channel, e.g. `c2h1`; empty where the bus does not know. */
  channel: string
  /** ms since the epoch. */
  at: number
  reason: 'unmapped' | 'direction'
  /** The live or recently freed lock whose addresses are nearest, 0 if there is none. */
  nearestHandle: number
  /** How many. */
  count: number
}
