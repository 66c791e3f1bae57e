// What a page did with its live frames, told by its socket: a frame is acknowledged when it was painted.

import type { BrowserContext, Page } from 'playwright-core'

/** Times in ms since the epoch; the server's clock too where both run on one machine. */
export interface SeenFrame {
  stream: number
  seq: number
  /** 1 bytes, 2 wave (server/contract/frame.ts). */
  kind: number
  /** False: the same picture as the frame before. */
  hasPicture: boolean
  byteLength: number
  capturedAt: number
  /** Null: a later one was painted in its place. */
  paintedAt: number | null
}

/** What this needs of the browser; it is compiled without the browser's types. */
interface PageGlobals {
  WebSocket: new (
    ...args: never[]
  ) => {
    send(data: string): void
    addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  }
  MessageChannel: new () => {
    port1: { onmessage: () => void; close(): void }
    port2: { postMessage(message: null): void }
  }
  seenFrames: SeenFrame[]
}

/** From the next page on. */
export async function watchFrames(context: BrowserContext): Promise<void> {
  await context.addInitScript(watchSockets)
}

/** What came since the last call, oldest first. */
export function takeSeenFrames(page: Page): Promise<SeenFrame[]> {
  return page.evaluate(() => (globalThis as unknown as PageGlobals).seenFrames.splice(0))
}

/** Runs in the page, before its own scripts. */
function watchSockets(): void {
  const page = globalThis as unknown as PageGlobals
  const mostKept = 100_000
  const seen: SeenFrame[] = []
  page.seenFrames = seen

  function noteReceived(data: unknown): void {
    if (!(data instanceof ArrayBuffer) || seen.length >= mostKept) return
    const header = new DataView(data)
    seen.push({
      ...{ stream: header.getUint32(4, true), seq: header.getUint32(8, true) },
      ...{ kind: header.getUint8(3), hasPicture: header.getUint32(36, true) > 0 },
      ...{ byteLength: data.byteLength, capturedAt: header.getFloat64(16, true), paintedAt: null },
    })
  }

  function notePainted(acks: { stream: number; seq: number }[]): void {
    const paintedAt = performance.timeOrigin + performance.now()
    for (const { stream, seq } of acks) {
      const frame = seen.findLast((other) => other.stream === stream && other.seq === seq)
      if (frame) frame.paintedAt = paintedAt
    }
  }

  page.WebSocket = class extends page.WebSocket {
    constructor(...args: never[]) {
      super(...args)
      this.addEventListener('message', ({ data }) => noteReceived(data))
    }

    override send(data: string): void {
      super.send(data)
      const message = JSON.parse(data)
      if (message.op !== 'ack') return
      // Comes after the browser has drawn what was painted for this picture.
      const afterwards = new page.MessageChannel()
      afterwards.port1.onmessage = () => {
        notePainted(message.acks)
        afterwards.port1.close()
      }
      afterwards.port2.postMessage(null)
    }
  }
}
