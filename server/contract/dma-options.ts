// WinDriver's WD_DMA_OPTIONS: names (without DMA_) and numbers, as in windrvr.h. Plain constants, shared with the browser.

export const dmaOptions = {
  KERNEL_BUFFER_ALLOC: 0x1,
  KBUF_BELOW_16M: 0x2,
  LARGE_BUFFER: 0x4,
  ALLOW_CACHE: 0x8,
  KERNEL_ONLY_MAP: 0x10,
  FROM_DEVICE: 0x20,
  TO_DEVICE: 0x40,
  ALLOW_64BIT_ADDRESS: 0x80,
  ALLOW_NO_HCARD: 0x100,
  GET_EXISTING_BUF: 0x200,
  RESERVED_MEM: 0x400,
  KBUF_ALLOC_SPECIFY_ADDRESS_WIDTH: 0x800,
  GET_PREALLOCATED_BUFFERS_ONLY: 0x1000,
  TRANSACTION: 0x2000,
  GPUDIRECT: 0x4000,
  DISABLE_MERGE_ADJACENT_PAGES: 0x8000,
} as const

export type DmaOptionName = keyof typeof dmaOptions

const addressWidthShift = 24

/** The options word: an address width goes into its byte 4, and sets the option that says so. */
export function optionBits(
  names: readonly DmaOptionName[],
  addressWidth: number | null = null,
): number {
  const bits = names.reduce((sum, name) => sum | dmaOptions[name], 0)
  if (addressWidth === null) return bits
  return bits | dmaOptions.KBUF_ALLOC_SPECIFY_ADDRESS_WIDTH | (addressWidth << addressWidthShift)
}

/** Byte 4 of an options word; null where none was asked for. */
export function addressWidthOf(bits: number): number | null {
  return bits >>> addressWidthShift || null
}

export function optionNames(bits: number): DmaOptionName[] {
  const names = Object.keys(dmaOptions) as DmaOptionName[]
  return names.filter((name) => (bits & dmaOptions[name]) !== 0)
}

/** WD_DMA_PAGES: how many pages a lock may have without LARGE_BUFFER. */
export const pagesWithoutLargeBuffer = 256

export const directions = ['toDevice', 'fromDevice', 'toFromDevice'] as const
/** Seen from the host: `toDevice` means the board reads the memory, `fromDevice` that it writes it. */
export type Direction = (typeof directions)[number]

export const lockKinds = ['scatterGather', 'contiguous'] as const
export type LockKind = (typeof lockKinds)[number]
