// What an owner of a board and the one who kills it say to each other.

/** Memory as the board addresses it; an address is a decimal number. */
export interface AddressRange {
  address: string
  byteLength: number
}

export type ToOwner =
  /** Take the board, whose owner before had locked these. */
  | { ask: 'open'; lockedBefore: AddressRange[] }
  /** Tell when the next transfer begins; a cyclic one has. */
  | { ask: 'begin' }
  /** Give it back and end. */
  | { ask: 'close' }

export type FromOwner =
  /** Started; nothing is opened yet. */
  | { tell: 'ready' }
  /** The board does a transfer after the other. */
  | ({ tell: 'underWay' } & Takeover)
  | { tell: 'begun' }
  | ({ tell: 'closed' } & Rest)

/** What an owner found, and what it has locked itself. */
export interface Takeover {
  /** Whether the engine was still at work for the owner before. */
  foundAtWork: boolean
  /** Whether it was at rest before it could reach memory, and what the driver's health check says. */
  isIdle: boolean
  isHealthy: boolean
  /** From being asked until the board was open, and until the driver had it idle. */
  openMs: number
  idleMs: number
  /** Memory that lay open to the board meanwhile; how much of it at addresses of the owner before; how much of it changed. */
  canaryByteLength: number
  coveredByteLength: number
  changedByteLength: number
  /** VmLck that unlocking it did not give back. */
  keptByteLength: number
  /** What lies open to the board from now on. */
  locked: AddressRange[]
}

/** What is left in the process after the board was given back. */
export interface Rest {
  lockedByteLength: number
  openFiles: number
}
