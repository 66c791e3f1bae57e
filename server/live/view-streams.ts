// All streams: equal views share one, which lives for as long as somebody has claimed it.

import type { DeviceHost } from '../boards/device-host.ts'
import { streamKey, type ViewedSession, type ViewPlan } from './live-rules.ts'
import type { LiveTimers } from './live-timers.ts'
import { Pacer } from './pacer.ts'
import { ViewStream } from './view-stream.ts'

export interface StreamsParts {
  host: DeviceHost
  timers: LiveTimers
  sessionOf: (id: string) => Promise<ViewedSession | null>
  onError: (error: unknown) => void
}

export interface StreamClaim {
  stream: ViewStream
  release(): void
}

interface Entry {
  plan: ViewPlan
  claims: number
  stream: Promise<ViewStream>
}

export class ViewStreams {
  readonly #entries = new Map<string, Entry>()
  readonly #pacer: Pacer
  #lastId = 0

  constructor(private readonly parts: StreamsParts) {
    this.#pacer = new Pacer(parts.timers)
  }

  async claim(plan: ViewPlan): Promise<StreamClaim> {
    const entry = this.#entryFor(plan)
    entry.claims += 1
    const release = () => {
      entry.claims -= 1
      if (entry.claims > 0) return
      this.#forget(entry)
      entry.stream.then((stream) => stream.close()).catch(() => {})
    }
    try {
      return { stream: await entry.stream, release }
    } catch (error) {
      release()
      throw error
    }
  }

  /** Ends the streams of the board whose session is over, without waiting for their next frame. */
  async endOver(board: string): Promise<void> {
    const entries = [...this.#entries.values()].filter(({ plan }) => plan.board === board)
    for (const sessionId of new Set(entries.map(({ plan }) => plan.request.lockId))) {
      const session = await this.parts.sessionOf(sessionId)
      if (session?.state === 'locked') continue
      for (const { plan, stream } of entries) {
        if (plan.request.lockId !== sessionId) continue
        stream.then((open) => open.end('session-ended')).catch(() => {})
      }
    }
  }

  #entryFor(plan: ViewPlan): Entry {
    const key = streamKey(plan)
    const shared = this.#entries.get(key)
    if (shared) return shared
    const entry: Entry = { plan, claims: 0, stream: this.#open(plan, () => this.#forget(entry)) }
    this.#entries.set(key, entry)
    return entry
  }

  async #open(plan: ViewPlan, forget: () => void): Promise<ViewStream> {
    const { host, timers, onError } = this.parts
    const view = await host.openView(plan.request)
    this.#lastId = (this.#lastId % 0xffff_ffff) + 1
    const onEnd = () => {
      stopPacing()
      forget()
    }
    const id = this.#lastId
    const stream = new ViewStream({ id, plan, view, host, timers, onEnd, onError })
    const stopPacing = this.#pacer.add(plan.rate, () => stream.tick())
    return stream
  }

  #forget(entry: Entry): void {
    const key = streamKey(entry.plan)
    if (this.#entries.get(key) === entry) this.#entries.delete(key)
  }
}
