// The types of memory apart from any card.

export type FillPattern = 'zero' | 'counter' | 'prbs31' | 'random'

/** The bits that are set in the mask must agree; both have the same length, at least 1 byte. */
export interface Needle {
  bytes: Uint8Array
  mask: Uint8Array
}

/** Where an occurrence may begin: from `from`, before `end`, at multiples of `alignment` (1 or more), counted from the memory's start. */
export interface FindRange {
  from: number
  end: number
  alignment: number
  /** From the range's end to its start. */
  backward: boolean
  /** The first so many, in the order in which they are met. */
  limit: number
}

export interface HostLimits {
  /** RLIMIT_MEMLOCK, bytes; Infinity where there is none. */
  memlockSoftByteLength: number
  memlockHardByteLength: number
  /** Memory of this process that is locked now (VmLck). */
  lockedByteLength: number
}

/** Null: the system does not say. Byte lengths and counts may be Infinity, for no limit. */
export interface HostReport {
  /** `isExempt`: the process has CAP_IPC_LOCK, for which the limit does not count. */
  memlock: HostLimits & { isExempt: boolean }
  /** RLIMIT_AS, and what of it is used. */
  addressSpace: { limitByteLength: number | null; usedByteLength: number | null }
  hugePages: {
    byteLength: number | null
    total: number | null
    free: number | null
    /** `always`, `madvise` or `never`. */
    transparent: string | null
  }
  /** Mappings of this process, and vm.max_map_count. */
  mappings: { count: number | null; limit: number | null }
  /** Whether this process may see its pages in /proc/self/pagemap, and their physical addresses. */
  pagemap: 'none' | 'withoutAddresses' | 'withAddresses'
}
