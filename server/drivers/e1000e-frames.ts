// How frames lie in a lock, and how a missing one is noticed. Pure.
//
// The lock's range is cut into slots of 2,048 bytes, and each frame fills the next one from its first byte on. The last eight bytes of a
// slot, which no frame reaches, are the driver's: length of the frame and its number in the transfer, from 0 on, both u32 little-endian.

export const slotByteLength = 2048
const trailerAt = slotByteLength - 8

/** EtherType "local experimental 1" (IEEE 802). A sender that wants losses counted puts a u32, big-endian, behind it: 0, 1, 2, ... */
const numberedEtherType = 0x88b5
const etherTypeAt = 12
const numberAt = 14

export class Frames {
  #count = 0
  #missing = 0
  #expected: number | undefined

  /** `bytes` is the transfer's range of the lock. */
  constructor(private readonly bytes: DataView) {}

  /** Frames received so far. */
  get count(): number {
    return this.#count
  }

  /** Frames that the numbers of those received say were lost. */
  get missing(): number {
    return this.#missing
  }

  /** Whether the sender numbers its frames. */
  get areNumbered(): boolean {
    return this.#expected !== undefined
  }

  /** The device has finished the frame in this slot and does not write there any more. */
  add(slot: number, byteLength: number): void {
    const { bytes } = this
    const at = slot * slotByteLength
    bytes.setUint32(at + trailerAt, byteLength, true)
    bytes.setUint32(at + trailerAt + 4, this.#count, true)
    this.#count += 1
    if (bytes.getUint16(at + etherTypeAt) === numberedEtherType) {
      this.#check(bytes.getUint32(at + numberAt))
    }
  }

  /** A step back is another run of the sender, or frames that overtook each other: nothing is known to be missing then. */
  #check(number: number): void {
    const gap = this.#expected === undefined ? 0 : (number - this.#expected) >>> 0
    if (gap < 2 ** 31) this.#missing += gap
    this.#expected = (number + 1) >>> 0
  }
}
