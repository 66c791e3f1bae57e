// The pages' own live connection, in front of somebody whose browser makes a picture only when the test says so.

import { WebSocket } from 'ws'
import { liveSubprotocol, readFrame } from '../../server/contract/frame.ts'
import type { LiveFrame } from '../../web/api/live-frames.ts'
import { LiveSocket, type ViewRequest } from '../../web/api/live-socket.ts'
import type { Surroundings } from '../../web/api/live-surroundings.ts'

export class SlowPage {
  /** As a view on the page sums them up. */
  skipped = 0
  overrun = false
  readonly painted: LiveFrame['header'][] = []
  /** Those of them that were not the picture before. */
  paintedPictures = 0
  /** All that came, painted or not. */
  readonly received: { seq: number; hasPicture: boolean }[] = []
  #picture: (() => void) | null = null
  #wakers: (() => void)[] = []
  readonly #socket: LiveSocket

  constructor(url: string, token: string) {
    this.#socket = new LiveSocket(this.#surroundings(url, token), () => {})
    this.#socket.start()
  }

  view(request: ViewRequest): void {
    this.#socket.view(request, { onframe: (frame) => this.#show(frame) })
  }

  /** Resolves when there was something to paint, and it is painted. */
  async paint(): Promise<void> {
    while (!this.#picture) await new Promise<void>((resolve) => this.#wakers.push(resolve))
    const picture = this.#picture
    this.#picture = null
    picture()
  }

  close(): void {
    this.#socket.stop()
  }

  #show({ header, payload, skipped, overrun }: LiveFrame): void {
    this.painted.push(header)
    if (payload) this.paintedPictures += 1
    this.skipped += skipped
    this.overrun ||= overrun
  }

  #note(data: Buffer): void {
    const { header, payload } = readFrame(new Uint8Array(data).buffer)
    this.received.push({ seq: header.seq, hasPicture: payload.byteLength > 0 })
  }

  #surroundings(url: string, token: string): Surroundings {
    return {
      connect: ({ onmessage, onclose }) => {
        const headers = { authorization: `Bearer ${token}` }
        const socket = new WebSocket(url, liveSubprotocol, { headers })
        socket.on('message', (data: Buffer, isBinary) => {
          if (isBinary) this.#note(data)
          onmessage(isBinary ? new Uint8Array(data).buffer : data.toString())
        })
        socket.on('close', onclose)
        return { send: (text) => socket.send(text), close: () => socket.close() }
      },
      beforeNextPicture: (paint) => {
        this.#picture = paint
        for (const wake of this.#wakers.splice(0)) wake()
      },
      after: (delayMs, work) => {
        const timer = setTimeout(work, delayMs)
        return () => clearTimeout(timer)
      },
      random: Math.random,
    }
  }
}
