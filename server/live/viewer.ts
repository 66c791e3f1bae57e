// One socket's place at one stream: what it has been sent and has not acknowledged, and the newest frame it still has to get.

import type { CloseReason } from '../contract/live.ts'
import { liveLimits } from './live-rules.ts'
import type { SocketWindow } from './socket-window.ts'
import { fullWithOverrun, isOverrun, type ViewFrame } from './view-frame.ts'

export interface ViewerOutlet {
  readonly window: SocketWindow
  send(frame: Buffer): void
  skipped(): void
  /** All that was to be sent has been. */
  ended(viewer: Viewer, reason: CloseReason): void
}

export class Viewer {
  /** Requests of this socket that show the stream; each of them has asked for an equal view. */
  readonly ids = new Set<number>()
  readonly #inFlight: { seq: number; byteLength: number }[] = []
  #waiting: ViewFrame | null = null
  /** Index of the newest frame sent; null where the next one must be full. */
  #sent: number | null = null
  #owesOverrun = false
  #ending: CloseReason | null = null

  constructor(private readonly outlet: ViewerOutlet) {}

  /** Whether it is worth making a frame for this viewer. While it waits for bytes of its socket, one frame waits with it. */
  hasRoom(byteLength: number): boolean {
    if (this.#inFlight.length >= liveLimits.framesInFlight) return false
    return !this.#waiting || this.outlet.window.fits(byteLength)
  }

  get isBehind(): boolean {
    return this.#waiting !== null
  }

  /** Latest frame wins: one that still waits is skipped. */
  offer(frame: ViewFrame): void {
    if (this.#waiting) {
      this.#owesOverrun ||= isOverrun(this.#waiting)
      this.outlet.skipped()
    }
    this.#waiting = frame
    this.catchUp()
  }

  /** Sends the newest frame if there is one that this viewer has not got, and room for it. */
  catchUp(): void {
    const frame = this.#waiting
    if (!frame || this.#inFlight.length >= liveLimits.framesInFlight) return
    const bytes = this.#formOf(frame)
    if (!this.outlet.window.take(this, bytes.byteLength)) return
    this.#waiting = null
    this.#sent = frame.index
    this.#owesOverrun = false
    this.#inFlight.push({ seq: frame.header.seq, byteLength: bytes.byteLength })
    this.outlet.send(bytes)
    if (this.#ending) this.outlet.ended(this, this.#ending)
  }

  /** Cumulative. A seq that was not sent yet is ignored. */
  acknowledge(seq: number): void {
    const newest = this.#inFlight.at(-1)
    if (!newest || isAfter(seq, newest.seq)) return
    for (let first = this.#inFlight[0]; first; first = this.#inFlight[0]) {
      if (isAfter(first.seq, seq)) return
      this.#inFlight.shift()
      this.outlet.window.give(first.byteLength)
    }
  }

  /** A further request of this socket shows the stream, and has nothing to show yet. */
  needFullFrame(): void {
    this.#sent = null
  }

  /** The stream is over. The last frame waits for room like any other, and the end waits for the last frame. */
  finish(last: ViewFrame | null, reason: CloseReason): void {
    this.#ending = reason
    if (last) this.offer(last)
    else this.outlet.ended(this, reason)
  }

  /** Gives back what it holds of the socket's window. */
  leave(): void {
    this.#waiting = null
    this.outlet.window.forget(this)
    for (const { byteLength } of this.#inFlight.splice(0)) this.outlet.window.give(byteLength)
  }

  #formOf(frame: ViewFrame): Buffer {
    if (this.#owesOverrun) return fullWithOverrun(frame)
    return frame.brief && this.#sent === frame.index - 1 ? frame.brief : frame.full
  }
}

/** On the circle of 2^32. */
function isAfter(a: number, b: number): boolean {
  const distance = (a - b) >>> 0
  return distance !== 0 && distance < 0x8000_0000
}
