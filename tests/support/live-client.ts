// A client of the live protocol that remembers what it was sent.

import { WebSocket } from 'ws'
import { type FrameHeader, liveSubprotocol, readFrame } from '../../server/contract/frame.ts'
import type { ServerMessage } from '../../server/contract/live.ts'

type MessageOf<Op> = Extract<ServerMessage, { op: Op }>

export interface ReceivedFrame extends FrameHeader {
  payload: Buffer
}

export class LiveClient {
  readonly messages: ServerMessage[] = []
  readonly frames: ReceivedFrame[] = []
  /** Frames that `frame` has not handed out yet begin here. */
  #nextFrame = 0
  readonly #wakers = new Set<() => void>()
  closed: { code: number; reason: string } | null = null

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.frames.push(receivedFrame(data))
      else this.messages.push(JSON.parse(data.toString()))
      this.#wake()
    })
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() }
      this.#wake()
    })
  }

  /** With an API token, or whatever headers a test wants to try. */
  static async connect(
    url: string,
    access: { token?: string; headers?: Record<string, string> } = {},
  ) {
    const { token, headers = {} } = access
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const client = new LiveClient(
      new WebSocket(url, liveSubprotocol, { headers: { ...authorization, ...headers } }),
    )
    await new Promise<void>((resolve, reject) => {
      client.socket.on('open', resolve)
      client.socket.on('error', reject)
    })
    return client
  }

  send(message: unknown): void {
    this.socket.send(JSON.stringify(message))
  }

  ack(stream: number, seq: number): void {
    this.send({ op: 'ack', acks: [{ stream, seq }] })
  }

  /** The first message of this op (and id) from all that were received, or that is still to come. */
  message<Op extends ServerMessage['op']>(op: Op, id?: number): Promise<MessageOf<Op>> {
    return this.#find(
      () =>
        this.messages.find(
          (message) =>
            message.op === op && (id === undefined || ('id' in message && message.id === id)),
        ) as MessageOf<Op> | undefined,
    )
  }

  events(id: number): MessageOf<'event'>[] {
    return this.messages.filter(
      (message): message is MessageOf<'event'> => message.op === 'event' && message.id === id,
    )
  }

  async frame(): Promise<ReceivedFrame> {
    const frame = await this.#find(() => this.frames[this.#nextFrame])
    this.#nextFrame += 1
    return frame
  }

  async codeOf(id: number): Promise<string> {
    return (await this.message('error', id)).problem.code
  }

  end(): Promise<{ code: number; reason: string }> {
    return this.#find(() => this.closed ?? undefined)
  }

  /** Resolves when the server has done what it was told so far, and all that it sent meanwhile is here. */
  async settled(): Promise<void> {
    const id = 0xffff_0000 + this.messages.length + this.#settlings++
    this.send({ op: 'watch', id, board: 'no-such-board' })
    await this.message('error', id)
  }
  #settlings = 0

  async #find<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      await new Promise<void>((resolve) => this.#wakers.add(resolve))
    }
  }

  #wake(): void {
    const wakers = [...this.#wakers]
    this.#wakers.clear()
    for (const wake of wakers) wake()
  }
}

function receivedFrame(data: Buffer): ReceivedFrame {
  const own = new Uint8Array(data).buffer
  const { header, payload } = readFrame(own)
  return { ...header, payload: Buffer.from(payload) }
}
