// One socket: reads the client's messages and answers them.

import type { RawData, WebSocket } from 'ws'
import { rightLostCode } from '../contract/frame.ts'
import type { ClientMessage, CloseReason, ServerMessage, View } from '../contract/live.ts'
import { PinlabError, problemOf } from '../errors.ts'
import type { BoardFeeds } from './board-feeds.ts'
import { ConnectionViews, type ViewsParts } from './connection-views.ts'
import { readMessage, UnreadableMessage } from './live-messages.ts'
import { liveLimits } from './live-rules.ts'

type Watch = Extract<ClientMessage, { op: 'watch' }>

export interface ConnectionParts
  extends Pick<ViewsParts, 'streams' | 'sessionOf' | 'checkMayView' | 'stats'> {
  socket: WebSocket
  feeds: BoardFeeds
  /** Names the connection in problems and in the log. */
  requestId: string
  onError: (error: unknown) => void
}

export class LiveConnection {
  readonly #views: ConnectionViews
  /** How to end each watch, by the client's number. */
  readonly #watches = new Map<number, () => void>()
  #unreadable = 0

  constructor(private readonly parts: ConnectionParts) {
    const { socket, streams, sessionOf, checkMayView, stats } = parts
    this.#views = new ConnectionViews({
      streams,
      sessionOf,
      checkMayView,
      stats,
      sendFrame: (frame) => socket.send(frame),
      sendMessage: (message) => this.send(message),
    })
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary))
    socket.on('close', () => this.#closeAll('closed-by-client'))
  }

  send(message: ServerMessage): void {
    this.#sendText(JSON.stringify(message))
  }

  stop(): void {
    this.#closeAll('server-stopping')
    this.parts.socket.close(1001, 'the server is stopping')
  }

  /** What this socket was let in with is no longer so: the client may come back with what it has now. */
  loseRights(): void {
    this.#closeAll('right-lost')
    this.parts.socket.close(rightLostCode, 'the sign-in has ended, or its rights have changed')
  }

  checkRights(board: string): Promise<void> {
    return this.#views.checkRights(board)
  }

  /** A client that does not read is given up before it costs the server more memory. */
  #sendText(text: string): void {
    const { socket } = this.parts
    if (socket.bufferedAmount > liveLimits.bufferedByteLength) socket.terminate()
    else socket.send(text)
  }

  #receive(data: RawData, isBinary: boolean): void {
    try {
      if (isBinary) throw new UnreadableMessage(0, 'Messages are JSON text, not binary.')
      this.#obey(readMessage(data.toString()))
    } catch (error) {
      this.#refuse(error instanceof UnreadableMessage ? error.id : 0, error)
      if (error instanceof UnreadableMessage) this.#countUnreadable()
    }
  }

  #obey(message: ClientMessage): void {
    switch (message.op) {
      case 'ack':
        this.#views.acknowledge(message)
        break
      case 'close':
        this.#close(message.id)
        break
      case 'view':
        this.#view(message).catch((error) => this.#refuse(message.id, error))
        break
      case 'watch':
        this.#watch(message).catch((error) => this.#refuse(message.id, error))
        break
    }
  }

  async #view(message: View): Promise<void> {
    this.#checkFree(message.id)
    await this.#views.open(message)
  }

  async #watch({ id, board }: Watch): Promise<void> {
    this.#checkFree(id)
    if (this.#watches.size >= liveLimits.watches) {
      throw new PinlabError(
        'PINLAB_LIVE_VIEW_LIMIT',
        `One connection watches at most ${liveLimits.watches} boards; close one first.`,
      )
    }
    const send = (text: string) => this.#sendText(text)
    const { started, stop } = this.parts.feeds.watch(board, { id, send })
    this.#watches.set(id, stop)
    try {
      await started
    } catch (error) {
      stop()
      if (this.#watches.get(id) !== stop) return
      this.#watches.delete(id)
      throw error
    }
  }

  #checkFree(id: number): void {
    if (!this.#watches.has(id) && !this.#views.has(id)) return
    throw new PinlabError('PINLAB_LIVE_ID_IN_USE', `${id} names an open watch or view.`)
  }

  /** A number that names nothing is no mistake: the server may have closed it a moment ago. */
  #close(id: number): void {
    if (!this.#views.close(id, 'closed-by-client')) this.#endWatch(id, 'closed-by-client')
  }

  #endWatch(id: number, reason: CloseReason): void {
    const stop = this.#watches.get(id)
    if (!stop) return
    stop()
    this.#watches.delete(id)
    this.send({ op: 'closed', id, reason })
  }

  #closeAll(reason: CloseReason): void {
    this.#views.closeAll(reason)
    for (const id of [...this.#watches.keys()]) this.#endWatch(id, reason)
  }

  #refuse(id: number, error: unknown): void {
    if (!(error instanceof PinlabError)) this.parts.onError(error)
    this.send({ op: 'error', id, problem: problemOf(error, this.parts.requestId) })
  }

  #countUnreadable(): void {
    this.#unreadable += 1
    if (this.#unreadable < liveLimits.unreadableMessages) return
    this.#closeAll('closed-by-client')
    this.parts.socket.close(1008, 'too many messages that cannot be read')
  }
}
