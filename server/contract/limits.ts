// Limits that both sides must know. Plain constants, shared with the browser.

/** WinDriver's dwBytes is 32 bits wide: one lock is below 4 GiB. */
export const maxLockByteLength = 0xffff_ffff
/** GET and PUT …/data move at most this much at once; more goes through a capture. */
export const maxDataByteLength = 16 * 1024 * 1024
/** Of a search in a lock's memory: the bytes looked for, the places in one answer, and what they may be multiples of. */
export const searchLimits = { needleByteLength: 256, matches: 1000, alignment: 4096 } as const
/** A pattern that goes out and comes back is at most so long: it is made twice. */
export const maxVerifyByteLength = 64 * 1024 * 1024
/** A DMA session lists at most this many of its pages; `pageCount` is always the whole count. */
export const recordedPages = 1024

/** Places that somebody keeps of a board's memory. */
export const mostBookmarks = 64

/** Faults of a board that its status shows. */
export const mostFaults = 16

/** Characters of a password. */
export const passwordLimits = { shortest: 10, advised: 15, longest: 200 } as const

export const longestTokenDays = 366

/** Bookings begin and end on multiples of this, from the full hour. */
export const slotMinutes = 5

export const policyLimits = {
  minutes: { minimum: slotMinutes, maximum: 480, multipleOf: slotMinutes },
  horizonDays: { minimum: 1, maximum: 366 },
  concurrentBookings: { minimum: 1, maximum: 100 },
  weeklyHours: { minimum: 1, maximum: 168 },
} as const

export const seriesLimits = { fewestWeeks: 2, mostWeeks: 26 } as const

/** An offer of the queue is at least so long, and must be claimed within so long. */
export const offerMinutes = { shortest: 15, claim: 3 } as const

/** A booking that nobody takes up is released so long after it could have been. */
export const noShowMinutes = 5

/** Minutes before the end of a lease at which its people are warned. */
export const warningMinutes = [10, 5, 1] as const

export const mostMembers = 16
/** People who wait for one board, and places that one person may have. */
export const queueLimits = { perBoard: 50, perPerson: 5 } as const
/** Bookings of a board that its status shows: the one that is on, and the next. */
export const mostUpcoming = 6

/** One capture; the lab's limits say how much all of a person's may come to. */
export const maxCaptureByteLength = 0x4000_0000
/** What is written about a capture. */
export const captureNoteLimits = { name: 80, note: 2000, marks: 64, mark: 120 } as const
/** A file that becomes a capture: numbers as text take more room than the samples that they are. */
export const maxUploadByteLength = 4 * maxCaptureByteLength
/** Of one answer. */
export const mostDifferences = 1000

/** Of recipes: a person's, the steps of one, and the register operations of all its steps together. */
export const recipeLimits = { perPerson: 200, steps: 200, operations: 1000 } as const
