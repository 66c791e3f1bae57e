// Limits that both sides must know. Plain constants, shared with the browser.

/** WinDriver's dwBytes is 32 bits wide: one lock is below 4 GiB. */
export const maxLockByteLength = 0xffff_ffff
/** GET and PUT …/data move at most this much at once; more goes through a capture. */
export const maxDataByteLength = 16 * 1024 * 1024
/** A DMA session lists at most this many of its pages; `pageCount` is always the whole count. */
export const recordedPages = 1024

/** Faults of a board that its status shows. */
export const mostFaults = 16

/** Characters of a password. */
export const passwordLimits = { shortest: 10, advised: 15, longest: 200 } as const

export const longestTokenDays = 366
