// The binary frame of the live protocol: a 48-byte little-endian header, then the payload. Plain code, shared with the browser.

/** Subprotocol of the socket that carries the frames. */
export const liveSubprotocol = 'pinlab.live.v1'
/** Close code of a socket whose sign-in has ended or whose rights have changed. */
export const rightLostCode = 4403

export const frameMagic = 0x4c50
export const protocolVersion = 1
export const frameHeaderByteLength = 48

export const frameKinds = { bytes: 1, wave: 2, pages: 3, spectrum: 4, statistics: 5 } as const
export type FrameKind = keyof typeof frameKinds

/** What a frame of kind `pages` counts, from the first byte of the lock: one u8 for each that the window touches. */
export const pageByteLength = 4096
/** Looks since the page was seen to change, of which 0 is this one; from here on it is only known to be so many or more. */
export const oldestPage = 255

export const frameFlags = {
  /** The board may have written the window while it was copied. */
  torn: 1,
  /** Same content as the frame before; there is no payload. Never sent to a viewer that skipped one. */
  unchanged: 2,
  /** The stream ends with this frame. */
  last: 4,
  /** The board or the host lost data before this frame. */
  overrun: 8,
  /** The window was placed by its view's trigger. Where the level is met then is in the flags too: see `crossingAhead`. */
  triggered: 16,
} as const

/** The upper half of the flags of a triggered frame: how far ahead of the trigger's sample, in 1/65536 of a sample. */
const aheadUnit = 0x1_0000

/** `ahead`: samples, from 0 up to but not 1. */
export const triggeredFlags = (ahead: number): number =>
  (frameFlags.triggered | (Math.floor(ahead * aheadUnit) << 16)) >>> 0

/** How far ahead of the trigger's sample a line from the sample before meets the level, in samples; null: not triggered. */
export const crossingAhead = (flags: number): number | null =>
  (flags & frameFlags.triggered) === 0 ? null : (flags >>> 16) / aheadUnit

export interface FrameHeader {
  kind: FrameKind
  /** Stream id, as in `opened`. */
  stream: number
  /** +1 for each frame made for the stream, modulo 2^32: a gap is a skipped frame. */
  seq: number
  /** Bits of `frameFlags`. */
  flags: number
  /** When the bytes were copied, ms since the epoch. */
  capturedAt: number
  /** Offset of the window in the lock's memory. */
  offset: number
  /** Length of the window. */
  byteLength: number
  payloadByteLength: number
  /** Bytes that the board had completed into the lock when the window was copied. */
  bytesCompleted: number
}

export function writeFrameHeader(target: Uint8Array, header: FrameHeader): void {
  const view = new DataView(target.buffer, target.byteOffset, frameHeaderByteLength)
  view.setUint16(0, frameMagic, true)
  view.setUint8(2, protocolVersion)
  view.setUint8(3, frameKinds[header.kind])
  view.setUint32(4, header.stream, true)
  view.setUint32(8, header.seq, true)
  view.setUint32(12, header.flags, true)
  view.setFloat64(16, header.capturedAt, true)
  view.setBigUint64(24, BigInt(header.offset), true)
  view.setUint32(32, header.byteLength, true)
  view.setUint32(36, header.payloadByteLength, true)
  view.setBigUint64(40, BigInt(header.bytesCompleted), true)
}

/** The header and a view (not a copy) of the payload. Throws a RangeError on anything that is no frame of this version. */
export function readFrame(data: ArrayBuffer): { header: FrameHeader; payload: Uint8Array } {
  if (data.byteLength < frameHeaderByteLength)
    throw new RangeError('frame is shorter than its header')
  const view = new DataView(data)
  if (view.getUint16(0, true) !== frameMagic) throw new RangeError('frame has no PL magic')
  if (view.getUint8(2) !== protocolVersion)
    throw new RangeError(`frame version ${view.getUint8(2)} is unknown`)
  const code = view.getUint8(3)
  const kind = (Object.keys(frameKinds) as FrameKind[]).find((name) => frameKinds[name] === code)
  if (!kind) throw new RangeError(`frame kind ${code} is unknown`)
  const payloadByteLength = view.getUint32(36, true)
  if (data.byteLength !== frameHeaderByteLength + payloadByteLength) {
    throw new RangeError('frame length and payload length disagree')
  }
  return {
    header: {
      kind,
      stream: view.getUint32(4, true),
      seq: view.getUint32(8, true),
      flags: view.getUint32(12, true),
      capturedAt: view.getFloat64(16, true),
      offset: Number(view.getBigUint64(24, true)),
      byteLength: view.getUint32(32, true),
      payloadByteLength,
      bytesCompleted: Number(view.getBigUint64(40, true)),
    },
    payload: new Uint8Array(data, frameHeaderByteLength, payloadByteLength),
  }
}
