// One stream: reads its window of a lock at its rate and offers each frame to all of its viewers.

import type { DeviceHost, HostViewFrame } from '../boards/device-host.ts'
import { frameHeaderByteLength } from '../contract/frame.ts'
import type { CloseReason } from '../contract/live.ts'
import { liveLimits, maxFrameByteLength, type ViewPlan } from './live-rules.ts'
import type { LiveTimers } from './live-timers.ts'
import {
  addsNothing,
  makeFrame,
  makeLastFrame,
  showsTheSame,
  type ViewFrame,
} from './view-frame.ts'
import type { Viewer } from './viewer.ts'

export interface StreamParts {
  id: number
  plan: ViewPlan
  view: { viewId: number; sampleRate?: number }
  host: DeviceHost
  timers: LiveTimers
  onEnd: () => void
  onError: (error: unknown) => void
}

export class ViewStream {
  readonly #viewers = new Set<Viewer>()
  readonly #frameByteLength: number
  #latest: ViewFrame | null = null
  #madeAt = 0
  #reading = false
  #closed = false

  constructor(private readonly parts: StreamParts) {
    this.#frameByteLength = maxFrameByteLength(parts.plan.request)
  }

  get id(): number {
    return this.parts.id
  }
  get plan(): ViewPlan {
    return this.parts.plan
  }
  get sampleRate(): number | undefined {
    return this.parts.view.sampleRate
  }

  /** The viewer gets the newest frame at once, or the first one as soon as it is read. */
  join(viewer: Viewer): void {
    if (this.#closed) {
      viewer.finish(null, 'session-ended')
      return
    }
    this.#viewers.add(viewer)
    const age = this.parts.timers.now() - this.#madeAt
    if (this.#latest && age <= liveLimits.unchangedPeriodMs) viewer.offer(this.#latest)
    else this.refresh()
  }

  leave(viewer: Viewer): void {
    this.#viewers.delete(viewer)
  }

  /** Makes a frame now, even if nothing changed. */
  refresh(): void {
    this.#madeAt = Number.NEGATIVE_INFINITY
    this.tick()
  }

  /** Reads and offers a frame, unless the one before is still being read or nobody could be sent it. */
  tick(): void {
    if (this.#reading || this.#closed || !this.#isWanted()) return
    void this.#read()
  }

  /** Sends the last frame to whom there is one to send, with what was lost after the newest one, then ends all viewers. */
  end(reason: CloseReason): void {
    if (this.#closed) return
    const latest = this.#latest
    void this.#shut().then(({ overrun }) => {
      const last = latest && makeLastFrame(latest, overrun)
      for (const viewer of [...this.#viewers]) viewer.finish(last, reason)
      this.#viewers.clear()
    })
  }

  close(): void {
    if (this.#closed) return
    this.#viewers.clear()
    void this.#shut()
  }

  async #shut(): Promise<{ overrun: boolean }> {
    const { host, view, onEnd, onError } = this.parts
    this.#closed = true
    this.#latest = null
    onEnd()
    try {
      return await host.closeView(view.viewId)
    } catch (error) {
      onError(error)
      return { overrun: false }
    }
  }

  #isWanted(): boolean {
    for (const viewer of this.#viewers) if (viewer.hasRoom(this.#frameByteLength)) return true
    return false
  }

  async #read(): Promise<void> {
    this.#reading = true
    try {
      const read = await this.parts.host.readView(this.parts.view.viewId, frameHeaderByteLength)
      this.#reading = false
      if (this.#closed) return
      if (!read) this.end('session-ended')
      else if (read !== 'waiting') this.#show(read)
    } catch (error) {
      this.parts.onError(error)
      this.end('session-ended')
    }
  }

  #show(read: HostViewFrame): void {
    const before = this.#latest
    const unchanged = before !== null && showsTheSame(before, read)
    const now = this.parts.timers.now()
    const isEarly = now - this.#madeAt < liveLimits.unchangedPeriodMs
    if (unchanged && isEarly && addsNothing(before, read)) return
    const index = (before?.index ?? 0) + 1
    const frame = makeFrame(
      { kind: this.plan.request.kind, stream: this.id, index },
      read,
      unchanged,
    )
    this.#latest = frame
    this.#madeAt = now
    for (const viewer of this.#viewers) viewer.offer(frame)
  }
}
