// The views of one connection.

import type { Ack, CloseReason, ServerMessage, View } from '../contract/live.ts'
import { PinlabError } from '../errors.ts'
import { liveLimits, planView, roundColumns, type ViewedSession } from './live-rules.ts'
import type { LiveStats } from './live-stats.ts'
import { SocketWindow } from './socket-window.ts'
import type { StreamClaim, ViewStreams } from './view-streams.ts'
import { Viewer, type ViewerOutlet } from './viewer.ts'

export interface ViewsParts {
  streams: ViewStreams
  sessionOf: (id: string) => Promise<ViewedSession | null>
  /** Rejects where the client may not see the bytes of this board's locks. */
  checkMayView: (board: string) => Promise<void>
  stats: LiveStats
  sendFrame: (frame: Buffer) => void
  sendMessage: (message: ServerMessage) => void
}

interface OpenView {
  /** Null while it is being opened. */
  sight: Sight | null
  /** Null until the session is known. */
  board: string | null
}

/** A stream that this socket sees, for one or more of its views. */
interface Sight {
  viewer: Viewer
  claim: StreamClaim
}

export class ConnectionViews implements ViewerOutlet {
  readonly window = new SocketWindow(liveLimits.bytesInFlight)
  /** By the client's number. */
  readonly #views = new Map<number, OpenView>()
  /** By stream. */
  readonly #sights = new Map<number, Sight>()
  #catchingUp = false

  constructor(private readonly parts: ViewsParts) {}

  has(id: number): boolean {
    return this.#views.has(id)
  }

  async open(view: View): Promise<void> {
    if (this.#views.size >= liveLimits.views) {
      throw new PinlabError(
        'PINLAB_LIVE_VIEW_LIMIT',
        `One connection has at most ${liveLimits.views} views; close one first.`,
      )
    }
    const opening: OpenView = { sight: null, board: null }
    this.#views.set(view.id, opening)
    this.parts.stats.views += 1
    const isWanted = () => this.#views.get(view.id) === opening
    try {
      const session = await this.parts.sessionOf(view.session)
      opening.board = session?.board ?? null
      // First: a refusal of the window would tell about the lock.
      if (session) await this.parts.checkMayView(session.board)
      const plan = planView(view, session)
      const claim = await this.parts.streams.claim(plan)
      if (isWanted()) this.#show(view, opening, claim)
      else claim.release()
    } catch (error) {
      if (!isWanted()) return
      this.#drop(view.id)
      throw error
    }
  }

  /** Whether there was such a view. */
  close(id: number, reason: CloseReason): boolean {
    const view = this.#views.get(id)
    if (!view) return false
    this.#drop(id)
    this.parts.sendMessage({ op: 'closed', id, reason })
    if (view.sight) this.#leave(view.sight, id)
    this.#useRoom()
    return true
  }

  closeAll(reason: CloseReason): void {
    for (const id of [...this.#views.keys()]) this.close(id, reason)
  }

  /** Who may see the board's bytes has changed: views of this client that are of nothing it may see end at once. */
  async checkRights(board: string): Promise<void> {
    const views = [...this.#views].filter(([, view]) => view.board === board)
    if (views.length === 0) return
    try {
      await this.parts.checkMayView(board)
    } catch (error) {
      for (const [id, view] of views) {
        if (this.#views.get(id) === view) this.close(id, 'right-lost')
      }
      if (!(error instanceof PinlabError)) throw error
    }
  }

  acknowledge({ acks }: Ack): void {
    for (const { stream, seq } of acks) this.#sights.get(stream)?.viewer.acknowledge(seq)
    this.#useRoom()
  }

  send(frame: Buffer): void {
    this.parts.stats.framesSent += 1
    this.parts.stats.bytesSent += frame.byteLength
    this.parts.sendFrame(frame)
  }

  skipped(): void {
    this.parts.stats.framesSkipped += 1
  }

  ended(viewer: Viewer, reason: CloseReason): void {
    for (const id of [...viewer.ids]) this.close(id, reason)
  }

  #show(view: View, opening: OpenView, claim: StreamClaim): void {
    const { stream } = claim
    const seen = this.#sights.get(stream.id)
    const sight = seen ?? { viewer: new Viewer(this), claim }
    opening.sight = sight
    sight.viewer.ids.add(view.id)
    this.parts.sendMessage({
      op: 'opened',
      id: view.id,
      stream: stream.id,
      kind: view.kind,
      columns: stream.plan.request.columns || roundColumns(view.columns),
      maxFps: stream.plan.rate,
      ...(stream.sampleRate === undefined ? {} : { sampleRate: stream.sampleRate }),
    })
    if (seen) {
      claim.release()
      seen.viewer.needFullFrame()
      stream.refresh()
    } else {
      this.#sights.set(stream.id, sight)
      stream.join(sight.viewer)
    }
  }

  #drop(id: number): void {
    if (this.#views.delete(id)) this.parts.stats.views -= 1
  }

  #leave(sight: Sight, id: number): void {
    sight.viewer.ids.delete(id)
    if (sight.viewer.ids.size > 0) return
    sight.viewer.leave()
    sight.claim.stream.leave(sight.viewer)
    sight.claim.release()
    this.#sights.delete(sight.claim.stream.id)
  }

  #useRoom(): void {
    if (this.#catchingUp || !this.#isBehind()) return
    this.#catchingUp = true
    setImmediate(() => this.#catchUp())
  }

  #isBehind(): boolean {
    for (const { viewer } of this.#sights.values()) if (viewer.isBehind) return true
    return false
  }

  /** Twice, because the one that has waited longest for the socket's bytes may come last, and goes first. */
  #catchUp(): void {
    this.#catchingUp = false
    for (const { viewer } of [...this.#sights.values()]) viewer.catchUp()
    for (const { viewer } of [...this.#sights.values()]) viewer.catchUp()
  }
}
