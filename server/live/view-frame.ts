// One frame of a stream, in the forms that viewers get. The bytes are shared by all sockets and never written again.

import type { HostViewFrame } from '../boards/device-host.ts'
import {
  type FrameHeader,
  frameFlags,
  frameHeaderByteLength,
  triggeredFlags,
  writeFrameHeader,
} from '../contract/frame.ts'

export interface ViewFrame {
  /** Counts the stream's frames from 1 and does not wrap; the header's seq is it modulo 2^32. */
  index: number
  header: FrameHeader
  /** Header and payload. */
  full: Buffer
  /** The header alone, with `unchanged`: for viewers that have the frame before. Null where the content changed. */
  brief: Buffer | null
}

export interface FrameIdentity {
  kind: FrameHeader['kind']
  stream: number
  index: number
}

/** Writes the header into the headroom of what the host read. `unchanged`: it shows what the frame before showed. */
export function makeFrame(
  { kind, stream, index }: FrameIdentity,
  read: HostViewFrame,
  unchanged: boolean,
): ViewFrame {
  const full = asBuffer(read.bytes)
  const header: FrameHeader = {
    kind,
    stream,
    seq: index >>> 0,
    flags: flagsOf(read),
    capturedAt: read.capturedAt,
    offset: read.offset,
    byteLength: read.byteLength,
    payloadByteLength: full.byteLength - frameHeaderByteLength,
    bytesCompleted: read.bytesCompleted,
  }
  writeFrameHeader(full, header)
  return { index, header, full, brief: unchanged ? briefOf(header) : null }
}

/** Unsigned. */
function flagsOf({ torn, overrun, triggerAhead }: HostViewFrame): number {
  const trigger = triggerAhead === null ? 0 : triggeredFlags(triggerAhead)
  return ((torn ? frameFlags.torn : 0) | (overrun ? frameFlags.overrun : 0) | trigger) >>> 0
}

/** The same content once more, as the stream's end. */
export function makeLastFrame(latest: ViewFrame, overrun: boolean): ViewFrame {
  const index = latest.index + 1
  const lost = overrun ? frameFlags.overrun : 0
  const flags = ((latest.header.flags & ~frameFlags.overrun) | frameFlags.last | lost) >>> 0
  const header = { ...latest.header, seq: index >>> 0, flags }
  return { index, header, full: copyWith(latest.full, header), brief: briefOf(header) }
}

/** Whether a viewer that has `before` would see the same in `read`. */
export function showsTheSame(before: ViewFrame, read: HostViewFrame): boolean {
  const { header, full } = before
  if (read.offset !== header.offset || read.byteLength !== header.byteLength) return false
  const payload = asBuffer(read.bytes).subarray(frameHeaderByteLength)
  return payload.equals(full.subarray(frameHeaderByteLength))
}

/** Whether it says nothing that `before` has not said already, so that it can wait. */
export function addsNothing(before: ViewFrame, read: HostViewFrame): boolean {
  return flagsOf(read) === (before.header.flags & ~frameFlags.overrun) >>> 0
}

export const isOverrun = ({ header }: ViewFrame) => (header.flags & frameFlags.overrun) !== 0
export const isLast = ({ header }: ViewFrame) => (header.flags & frameFlags.last) !== 0

const overrunCopies = new WeakMap<ViewFrame, Buffer>()

/** The full form with the overrun flag, for viewers that skipped the frame which had it. Copied once for all of them. */
export function fullWithOverrun(frame: ViewFrame): Buffer {
  if (isOverrun(frame)) return frame.full
  let copy = overrunCopies.get(frame)
  if (!copy) {
    const flags = (frame.header.flags | frameFlags.overrun) >>> 0
    copy = copyWith(frame.full, { ...frame.header, flags })
    overrunCopies.set(frame, copy)
  }
  return copy
}

function briefOf(header: FrameHeader): Buffer {
  const brief = Buffer.alloc(frameHeaderByteLength)
  const flags = (header.flags | frameFlags.unchanged) >>> 0
  writeFrameHeader(brief, { ...header, flags, payloadByteLength: 0 })
  return brief
}

function copyWith(bytes: Buffer, header: FrameHeader): Buffer {
  const copy = Buffer.from(bytes)
  writeFrameHeader(copy, header)
  return copy
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
