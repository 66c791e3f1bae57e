// The types of registers, lists of register commands, and memory accessed like registers.

export type RegisterWidth = 8 | 16 | 32 | 64

export interface RegisterAddress {
  barIndex: number
  /** Bytes from the BAR's start; a multiple of width / 8. */
  offset: number
  /** Bits. */
  width: RegisterWidth
}

/** A place in PCI configuration space. */
export interface ConfigAddress {
  /** Bytes from its start; a multiple of width / 8. */
  offset: number
  /** Bits. */
  width: 8 | 16 | 32
}

/** One of a list: WD_TRANSFER, and what interrupt lists add. Blocks are little-endian. */
export type RegisterCommand =
  | { command: 'read'; register: RegisterAddress }
  | { command: 'write'; register: RegisterAddress; value: number | bigint }
  /**
   * Elements of the register's width, up to 1 MiB: from one register after the other, or all from
   * one.
   */
  | { command: 'readBlock'; register: RegisterAddress; byteLength: number; autoIncrement: boolean }
  | { command: 'writeBlock'; register: RegisterAddress; bytes: Uint8Array; autoIncrement: boolean }
  /**
   * CMD_MASK: when the value that the command before it has read has none of the mask's bits, the
   * rest of the list is skipped.
   */
  | { command: 'mask'; mask: number | bigint }
  /** Reads until (read & mask) is value; at most 10 s. Not WinDriver's. */
  | {
      command: 'pollUntil'
      register: RegisterAddress
      mask: number | bigint
      value: number | bigint
      timeoutMs: number
    }

export interface RegisterTransfer {
  /** One for each command that ran: what was read, undefined where nothing was. */
  values: (number | bigint | Uint8Array | undefined)[]
  /** Commands that ran. */
  completed: number
  /** False when a mask did not match. */
  matched: boolean
}

/** A place in a page of a lock; the device address there is a multiple of the width. */
export interface MemoryAddress {
  /** Bytes from the page's start. */
  offset: number
  /** Bits. */
  width: RegisterWidth
}

/**
 * WD_CardRegister's memory item over a locked page: single accesses of a width, a read ordered
 * before what follows, a write after what went before. WD_INVALID_HANDLE once the lock has ended.
 */
export interface MemoryItem {
  /** Device address of the page. */
  readonly address: bigint
  readonly byteLength: number
  readRegister(at: MemoryAddress & { width: 64 }): bigint
  readRegister(at: MemoryAddress & { width: 8 | 16 | 32 }): number
  readRegister(at: MemoryAddress): number | bigint
  writeRegister(at: MemoryAddress, value: number | bigint): void
}
