// One connection of the live protocol (server/contract/live.ts). It keeps what the page asked for and asks again after a
// reconnect; frames are handed over once a picture and acknowledged after painting. No DOM in here: see live-connection.ts.

import type { Transfer } from '../../server/contract/dma-session.ts'
import { readFrame, rightLostCode } from '../../server/contract/frame.ts'
import type { Ack, CloseReason, ServerMessage, View } from '../../server/contract/live.ts'
import type { BoardStatus } from '../../server/contract/overview.ts'
import { FrameQueue, type LiveFrame } from './live-frames.ts'
import type { Surroundings, Wire } from './live-surroundings.ts'
import type { Problem } from './problem.ts'

export type ViewRequest = Omit<View, 'op' | 'id'>
export type Hello = Extract<ServerMessage, { op: 'hello' }>
export type Opened = Extract<ServerMessage, { op: 'opened' }>

export interface WatchListener {
  onboard?(status: BoardStatus): void
  ontransfer?(session: string, transfer: Transfer): void
  onproblem?(problem: Problem): void
}

export interface ViewListener {
  onopened?(opened: Opened): void
  /** Paints; the frame is acknowledged when this returns, or when what it returns is settled. */
  onframe(frame: LiveFrame): void | Promise<void>
  /** The view is over and is not asked for again. */
  onclosed?(reason: CloseReason): void
  onproblem?(problem: Problem): void
}

export type Connection =
  | { state: 'connecting' }
  | { state: 'open'; hello: Hello }
  /** `retryInMs` from the moment of this report. */
  | { state: 'lost'; retryInMs: number }
  /** The sign-in has ended or its rights have changed. Not tried again by itself. */
  | { state: 'refused' }

interface BoardWatch {
  id: number
  listeners: Set<WatchListener>
  newest: BoardStatus | null
}

interface OpenView {
  id: number
  request: ViewRequest
  listener: ViewListener
  stream: number | null
}

const firstRetryMs = 500
const longestRetryMs = 10_000
const acksAtOnce = 16

export class LiveSocket {
  #nextId = 1
  #watches = new Map<string, BoardWatch>()
  #views = new Set<OpenView>()
  #frames = new FrameQueue()
  #wire: Wire | null = null
  #greeted = false
  #visible = true
  #failures = 0
  #pictureAsked = false
  #started = false
  #cancelRetry: (() => void) | null = null

  constructor(
    private readonly around: Surroundings,
    private readonly onconnection: (connection: Connection) => void,
  ) {}

  start(): void {
    this.#started = true
    this.#connect()
  }

  /** Ends the connection for good, and with it what was asked for. */
  stop(): void {
    this.#started = false
    this.#cancelRetry?.()
    const wire = this.#wire
    this.#forget()
    wire?.close()
  }

  /** Tries at once instead of waiting. */
  retry(): void {
    if (this.#started) this.#connect()
  }

  /** Ends the connection as lost; for when the browser knows that the network is gone. */
  drop(): void {
    const wire = this.#wire
    if (!wire) return
    wire.close()
    this.#closed(wire)
  }

  /** Nobody looks at a hidden page: its views end until it is seen again. */
  setVisible(visible: boolean): void {
    if (visible === this.#visible) return
    this.#visible = visible
    for (const view of this.#views) visible ? this.#ask(view) : this.#takeBack(view)
  }

  /** Watches of one board share one request; a later listener is told the newest status at once. */
  watch(board: string, listener: WatchListener): () => void {
    let watch = this.#watches.get(board)
    if (!watch) {
      watch = { id: this.#nextId++, listeners: new Set(), newest: null }
      this.#watches.set(board, watch)
      this.#send({ op: 'watch', id: watch.id, board })
    }
    watch.listeners.add(listener)
    if (watch.newest) listener.onboard?.(watch.newest)
    return () => this.#unwatch(board, listener)
  }

  view(request: ViewRequest, listener: ViewListener): () => void {
    const view: OpenView = { id: 0, request, listener, stream: null }
    this.#views.add(view)
    this.#ask(view)
    return () => {
      if (this.#views.delete(view)) this.#takeBack(view)
    }
  }

  #unwatch(board: string, listener: WatchListener): void {
    const watch = this.#watches.get(board)
    if (!watch?.listeners.delete(listener) || watch.listeners.size > 0) return
    this.#watches.delete(board)
    this.#send({ op: 'close', id: watch.id })
  }

  #ask(view: OpenView): void {
    if (!this.#greeted || !this.#visible) return
    // A new number each time: an answer to the old one may still be on its way.
    view.id = this.#nextId++
    this.#send({ op: 'view', id: view.id, ...view.request })
  }

  #takeBack(view: OpenView): void {
    if (view.id) this.#send({ op: 'close', id: view.id })
    this.#forgetStream(view)
  }

  #forgetStream(view: OpenView): void {
    const { stream } = view
    view.id = 0
    view.stream = null
    if (stream !== null && !this.#viewsOf(stream).length) this.#frames.forget(stream)
  }

  #send(message: object): void {
    if (this.#greeted) this.#wire?.send(JSON.stringify(message))
  }

  #connect(): void {
    this.#cancelRetry?.()
    this.#cancelRetry = null
    if (this.#wire) return
    const wire = this.around.connect({
      onmessage: (data) => this.#receive(data),
      onclose: (code) => this.#closed(wire, code),
    })
    this.#wire = wire
  }

  #closed(wire: Wire, code?: number): void {
    if (wire !== this.#wire) return
    this.#forget()
    this.onconnection(code === rightLostCode ? { state: 'refused' } : this.#retryLater())
  }

  #forget(): void {
    this.#wire = null
    this.#greeted = false
    this.#frames.clear()
    for (const view of this.#views) this.#forgetStream(view)
  }

  #retryLater(): Connection {
    const delay = Math.min(longestRetryMs, firstRetryMs * 2 ** this.#failures++)
    // Spread out, so that a restarted server is not met by all pages at once.
    const retryInMs = Math.round(delay * (0.75 + 0.5 * this.around.random()))
    this.#cancelRetry = this.around.after(retryInMs, () => this.#connect())
    return { state: 'lost', retryInMs }
  }

  #receive(data: string | ArrayBuffer): void {
    if (typeof data === 'string') this.#receiveMessage(JSON.parse(data) as ServerMessage)
    else this.#receiveFrame(data)
  }

  #receiveMessage(message: ServerMessage): void {
    if (message.op === 'hello') this.#greet(message)
    else if (message.op === 'event') this.#receiveEvent(message)
    else if (message.op === 'opened') this.#receiveOpened(message)
    else if (message.op === 'closed') this.#receiveClosed(message.id, message.reason)
    else if (message.op === 'error') this.#receiveProblem(message.id, message.problem)
  }

  #greet(hello: Hello): void {
    this.#greeted = true
    this.#failures = 0
    this.onconnection({ state: 'open', hello })
    for (const [board, watch] of this.#watches) this.#send({ op: 'watch', id: watch.id, board })
    for (const view of this.#views) if (!view.id) this.#ask(view)
  }

  #receiveEvent(event: Extract<ServerMessage, { op: 'event' }>): void {
    const watch = [...this.#watches.values()].find(({ id }) => id === event.id)
    if (!watch) return
    if (event.type === 'board') watch.newest = event.status
    for (const listener of watch.listeners) {
      if (event.type === 'board') listener.onboard?.(event.status)
      else listener.ontransfer?.(event.session, event.transfer)
    }
  }

  #receiveOpened(opened: Opened): void {
    const view = this.#viewOf(opened.id)
    if (!view) return
    view.stream = opened.stream
    view.listener.onopened?.(opened)
  }

  #receiveClosed(id: number, reason: CloseReason): void {
    const view = this.#viewOf(id)
    if (!view) return
    if (reason === 'session-ended') this.#paintLast(view.stream)
    this.#forgetStream(view)
    // The connection closes next; the view is asked for again after the reconnect, with the rights there are then.
    if (reason === 'server-stopping' || reason === 'right-lost') return
    this.#views.delete(view)
    view.listener.onclosed?.(reason)
  }

  #receiveProblem(id: number, problem: Problem): void {
    const view = this.#viewOf(id)
    if (view) {
      this.#forgetStream(view)
      this.#views.delete(view)
      view.listener.onproblem?.(problem)
      return
    }
    const watch = [...this.#watches.values()].find((candidate) => candidate.id === id)
    for (const listener of watch?.listeners ?? []) listener.onproblem?.(problem)
  }

  #receiveFrame(data: ArrayBuffer): void {
    const { header, payload } = readFrame(data)
    if (!this.#viewsOf(header.stream).length) return
    this.#frames.add(header, payload)
    if (this.#pictureAsked) return
    this.#pictureAsked = true
    this.around.beforeNextPicture(() => this.#paint())
  }

  #paint(): void {
    this.#pictureAsked = false
    const acks: Ack['acks'] = []
    for (const frame of this.#frames.take()) {
      const { stream, seq } = frame.header
      const painted = this.#viewsOf(stream).map((view) => view.listener.onframe(frame))
      const later = painted.filter((result) => result instanceof Promise)
      if (later.length === 0) acks.push({ stream, seq })
      else void this.#acknowledgeAfter(later, { stream, seq })
    }
    this.#acknowledge(acks)
  }

  /** A picture that is drawn elsewhere is not painted yet. On a connection that came meanwhile, its stream is not known. */
  async #acknowledgeAfter(painted: Promise<void>[], ack: Ack['acks'][number]): Promise<void> {
    const wire = this.#wire
    await Promise.allSettled(painted)
    if (wire === this.#wire) this.#acknowledge([ack])
  }

  #acknowledge(acks: Ack['acks']): void {
    for (let i = 0; i < acks.length; i += acksAtOnce)
      this.#send({ op: 'ack', acks: acks.slice(i, i + acksAtOnce) })
  }

  /** A stream's last frame comes right before its end, which is told before the next picture. */
  #paintLast(stream: number | null): void {
    const frame = stream === null ? undefined : this.#frames.takeOf(stream)
    for (const { listener } of this.#viewsOf(stream ?? 0)) if (frame) listener.onframe(frame)
  }

  #viewOf(id: number): OpenView | undefined {
    return [...this.#views].find((view) => view.id === id)
  }

  #viewsOf(stream: number): OpenView[] {
    return [...this.#views].filter((view) => view.stream === stream)
  }
}
