// One view of a lock's memory: run, paused, or one more picture. Painting is the caller's; figures about it are kept here.

import { frameFlags } from '../../server/contract/frame.ts'
import type { CloseReason } from '../../server/contract/live.ts'
import type { LiveFrame } from '../api/live-frames.ts'
import type { Opened, ViewRequest } from '../api/live-socket.ts'
import type { Problem } from '../api/problem.ts'
import { live } from './live.svelte.ts'

type Mode = 'run' | 'single' | 'paused'

/** How often the figures beside a live picture change: faster could not be read. */
const figuresEveryMs = 250

export class LiveView {
  mode = $state<Mode>('run')
  opened = $state.raw<Opened | null>(null)
  problem = $state.raw<Problem | null>(null)
  closed = $state<CloseReason | null>(null)
  /** Of the newest painted frame. */
  newest = $state.raw<LiveFrame['header'] | null>(null)
  torn = $state(false)
  overrun = $state(false)
  skipped = $state(0)
  paintedPerSecond = $state<number | null>(null)

  #request: ViewRequest | null = null
  #key = ''
  #close: (() => void) | null = null
  #painted = 0
  #skipped = 0
  #since = 0
  #figures: ReturnType<typeof setInterval> | null = null

  constructor(private readonly onframe: (frame: LiveFrame) => void | Promise<void>) {}

  /** What to look at; null for nothing. Asking for the same again changes nothing. */
  show(request: ViewRequest | null): void {
    const key = JSON.stringify(request)
    if (key === this.#key) return
    const before = this.#request
    this.#key = key
    this.#request = request
    this.#end()
    this.mode = this.#modeAfter(before, request)
    if (this.mode === 'paused') return
    // Another window of the same memory is not another thing: what is known of it stays until there is something newer.
    if (before?.session !== request?.session || before?.kind !== request?.kind)
      this.#forgetFigures()
    this.#begin()
  }

  /**
   * A paused picture stays as it is when a transfer begins or ends, which only changes what a view would follow. Looking elsewhere
   * in the same memory takes one new picture; other memory is live again.
   */
  #modeAfter(before: ViewRequest | null, now: ViewRequest | null): Mode {
    if (this.mode === 'run' || before?.session !== now?.session) return 'run'
    return before?.follow === now?.follow ? 'single' : 'paused'
  }

  run = (): void => this.#setMode('run')
  pause = (): void => this.#setMode('paused')
  single = (): void => this.#setMode('single')
  toggle = (): void => this.#setMode(this.mode === 'run' ? 'paused' : 'run')

  stop(): void {
    this.#key = ''
    this.#request = null
    this.#end()
  }

  dismissProblem = (): void => {
    this.problem = null
  }

  #setMode(mode: Mode): void {
    if (mode === this.mode && mode !== 'single') return
    this.mode = mode
    // A paused view is closed: the server does not cut frames that nobody wants.
    this.#end()
    if (mode !== 'paused') this.#begin()
  }

  #begin(): void {
    if (!this.#request) return
    this.problem = null
    this.closed = null
    this.#since = performance.now()
    this.#figures = setInterval(() => this.#showFigures(), figuresEveryMs)
    this.#close = live.socket.view(this.#request, {
      onopened: (opened) => {
        this.opened = opened
      },
      onframe: (frame) => this.#paint(frame),
      onclosed: (reason) => this.#ended(reason),
      onproblem: (problem) => {
        this.problem = problem
        this.#end()
      },
    })
  }

  #end(): void {
    this.#close?.()
    this.#close = null
    if (this.#figures) clearInterval(this.#figures)
    this.#figures = null
    this.#painted = 0
    this.paintedPerSecond = null
  }

  #ended(reason: CloseReason): void {
    this.closed = reason
    this.#end()
  }

  #paint(frame: LiveFrame): void | Promise<void> {
    const painted = this.onframe(frame)
    this.newest = frame.header
    this.torn = (frame.header.flags & frameFlags.torn) !== 0
    this.#skipped += frame.skipped
    if (frame.overrun) this.overrun = true
    if (frame.payload) this.#painted++
    if (this.mode === 'single') this.pause()
    return painted
  }

  #showFigures(): void {
    const now = performance.now()
    const seconds = (now - this.#since) / 1000
    if (seconds < 1) return
    this.paintedPerSecond = this.#painted / seconds
    this.skipped = this.#skipped
    this.#painted = 0
    this.#since = now
  }

  #forgetFigures(): void {
    this.opened = null
    this.newest = null
    this.torn = false
    this.overrun = false
    this.skipped = 0
    this.#skipped = 0
  }
}
