// Limits of the contract that the browser must know. The contract keeps them beside its schemas, which must stay out of the browser.

/** GET …/data moves at most this much at once. */
export const maxDataByteLength = 16 * 1024 * 1024
/** A lock is below 4 GiB. */
export const maxLockByteLength = 0xffff_ffff
