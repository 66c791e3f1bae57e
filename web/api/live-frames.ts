// Frames that wait for the next picture: for each stream only the newest, so that a slow page never paints an old one.

import { type FrameHeader, frameFlags } from '../../server/contract/frame.ts'

export interface LiveFrame {
  header: FrameHeader
  /** Null: the same content as the frame painted before. */
  payload: Uint8Array | null
  /** Frames of the stream that this page did not paint since the one before. */
  skipped: number
  /** Data was lost before this frame or before one that it replaced. */
  overrun: boolean
}

export class FrameQueue {
  #waiting = new Map<number, LiveFrame>()
  #newestSeq = new Map<number, number>()

  add(header: FrameHeader, payload: Uint8Array): void {
    const unchanged = (header.flags & frameFlags.unchanged) !== 0
    const replaced = this.#waiting.get(header.stream)
    // A frame that says "no change" does not replace a waiting picture: it confirms it.
    const lost = replaced?.payload && !unchanged ? 1 : 0
    this.#waiting.set(header.stream, {
      header,
      payload: unchanged ? (replaced?.payload ?? null) : payload,
      skipped: (replaced?.skipped ?? 0) + lost + this.#gapBefore(header),
      overrun: (replaced?.overrun ?? false) || (header.flags & frameFlags.overrun) !== 0,
    })
    this.#newestSeq.set(header.stream, header.seq)
  }

  take(): LiveFrame[] {
    const frames = [...this.#waiting.values()]
    this.#waiting.clear()
    return frames
  }

  /** The one of this stream, if one waits. */
  takeOf(stream: number): LiveFrame | undefined {
    const frame = this.#waiting.get(stream)
    this.#waiting.delete(stream)
    return frame
  }

  forget(stream: number): void {
    this.#waiting.delete(stream)
    this.#newestSeq.delete(stream)
  }

  clear(): void {
    this.#waiting.clear()
    this.#newestSeq.clear()
  }

  #gapBefore(header: FrameHeader): number {
    const before = this.#newestSeq.get(header.stream)
    return before === undefined ? 0 : (header.seq - before - 1) >>> 0
  }
}
