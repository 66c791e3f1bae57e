// What the hex grid shows of a lock: which part, how it is fed, where the cursor is and what is selected.

import { untrack } from 'svelte'
import type { LiveFrame } from '../../../../api/live-frames.ts'
import type { ViewRequest } from '../../../../api/live-socket.ts'
import type { Bench } from '../../../../state/bench.svelte.ts'
import { LiveView } from '../../../../state/live-view.svelte.ts'
import { type Ground, moved, type Span, selectionOf, stepOf, stepStart } from './cursor-moves.ts'
import { rowHeight, topPadding } from './grid-painter.ts'
import { bytesPerRow, type GridShape, type Side } from './grid-shape.ts'
import { clampOffset, offsetDigits } from './hex-rows.ts'
import { addressDigits } from './inspect.ts'
import { KnownBytes, windowAround } from './known-bytes.ts'

/** Bytes are read by people: faster than this is only flicker. */
const maxFps = 15
/** A view is opened at most this often while somebody scrolls; what is known is shown meanwhile. */
const reopenMs = 150

/** Made while a component is set up, and ends with it. */
export class HexView {
  readonly live = new LiveView((frame) => this.#take(frame))
  readonly known = new KnownBytes()
  /** Counts frames: what depends on known bytes reads it. */
  frames = $state(0)

  /** Of the canvas: characters beside each other, and CSS pixels. */
  columns = $state(0)
  height = $state(0)
  /** Pixels of the first row that are scrolled away. */
  lead = $state(0)
  cursor = $state(0)
  anchor = $state(0)
  side = $state<Side>('digits')
  /** Of the digits of the cursor's group, the one that is typed next. */
  digit = $state(0)

  /** Where the server's last frame begins. */
  #frameOffset = $state<number | null>(null)
  #window: Span | null = null
  #lockBefore: string | null = null
  #askedAt = 0
  #asking: ReturnType<typeof setTimeout> | null = null

  readonly lock = $derived.by(() => (this.bench.sees ? this.bench.lock : null))
  readonly end = $derived(this.lock?.byteLength ?? 0)
  readonly pages = $derived.by(() => (this.lock ? this.bench.record.pagesOf(this.lock.id) : []))
  readonly shape = $derived.by((): GridShape => {
    const { groupSize, littleEndian, gutter } = this.chosen
    const digits = gutter === 'offset' ? offsetDigits(this.end) : addressDigits(this.pages)
    const shape = { groupSize, littleEndian, digits }
    return { ...shape, bytesPerRow: bytesPerRow(this.columns, shape) }
  })
  readonly rows = $derived(Math.max(8, Math.floor((this.height - 2 * topPadding) / rowHeight)))
  readonly following = $derived.by(() => this.chosen.follow && this.bench.filling !== null)
  readonly #rest = $derived(this.#clamp(this.chosen.offset))
  /** Of the first byte shown. While following, the server says which part of the lock it shows. */
  readonly offset = $derived(this.following ? (this.#frameOffset ?? this.#rest) : this.#rest)
  readonly byteLength = $derived(this.rows * this.shape.bytesPerRow)
  readonly ground = $derived.by((): Ground => {
    const { offset, end, rows, shape, side } = this
    return { offset, end, rows, ...shape, side }
  })
  readonly selection = $derived(selectionOf(this.cursor, this.anchor, this.ground))
  /** What the cursor itself covers: a group of digits, or a byte of the text. */
  readonly step = $derived(selectionOf(this.cursor, this.cursor, this.ground))

  constructor(readonly bench: Bench) {
    $effect(() => {
      const lock = this.lock?.id ?? null
      untrack(() => this.#turnTo(lock))
    })
    $effect(() => {
      const wanted = this.#request()
      untrack(() => this.#ask(wanted))
    })
    $effect(() => () => {
      if (this.#asking) clearTimeout(this.#asking)
      this.live.stop()
    })
  }

  get chosen() {
    return this.bench.views.bytes
  }

  /** Looking for something and following the board exclude each other. */
  moveTo = (offset: number): void => {
    this.chosen.follow = false
    this.chosen.offset = this.#clamp(offset)
    this.lead = 0
  }

  /** Puts the cursor there, and shows it. */
  goTo = (offset: number, byteLength = 1): void => {
    // Also where it is shown already: from here on the view does not follow.
    this.moveTo(this.offset)
    const before = Math.floor(this.rows / 3) * this.shape.bytesPerRow
    if (!this.#shows(offset)) this.moveTo(offset - before)
    this.anchor = offset
    this.digit = 0
    this.cursor = byteLength > 1 ? offset + byteLength - 1 : stepStart(offset, this.ground)
  }

  toggleFollow = (): void => {
    this.chosen.follow = !this.chosen.follow
    if (this.chosen.follow) this.anchor = this.cursor = this.offset
  }

  /** By pixels; false where there is nothing more that way. */
  scroll(pixels: number): boolean {
    const { bytesPerRow } = this.shape
    const last = this.#clamp(this.end) / bytesPerRow
    const from = (this.offset / bytesPerRow) * rowHeight + this.lead
    const to = Math.min(last * rowHeight, Math.max(0, from + pixels))
    if (to === from) return false
    this.moveTo(Math.floor(to / rowHeight) * bytesPerRow)
    this.lead = to % rowHeight
    return true
  }

  /** True for a key that moves the cursor. */
  press(key: string, { ctrl, shift }: { ctrl: boolean; shift: boolean }): boolean {
    const to = moved(key, ctrl, this.cursor, this.ground)
    if (to === null) return false
    this.place(to, shift)
    return true
  }

  /** Puts the cursor on a byte, or extends the selection to it; scrolls as little as shows it. */
  place(at: number, extend: boolean): void {
    this.cursor = at
    this.digit = 0
    if (!extend) this.anchor = at
    const { bytesPerRow } = this.shape
    if (at < this.offset) this.moveTo(at)
    else if (at >= this.offset + this.byteLength)
      this.moveTo(Math.floor(at / bytesPerRow + 1 - this.rows) * bytesPerRow)
    else if (this.lead > 0 && at < this.offset + bytesPerRow) this.lead = 0
  }

  /** To the next group, or character. */
  advance(): void {
    const to = this.cursor + stepOf(this.ground)
    this.digit = 0
    if (to < this.end) this.place(to, false)
  }

  turnSide = (): void => {
    this.side = this.side === 'digits' ? 'text' : 'digits'
    this.anchor = this.cursor = stepStart(this.cursor, this.ground)
  }

  #shows(at: number): boolean {
    return at >= this.offset && at < this.offset + this.byteLength
  }

  #clamp(offset: number): number {
    return clampOffset(offset, { end: this.end, rows: this.rows, ...this.shape })
  }

  #request(): ViewRequest | null {
    const { lock, end, columns, following, byteLength } = this
    const { filling } = this.bench
    if (!lock || columns === 0) return null
    const shown = { offset: this.#rest, byteLength: byteLength + this.shape.bytesPerRow }
    // While following, the offset is one within a block: the last complete one is shown from its start.
    this.#window =
      following && filling
        ? { offset: filling.offset, byteLength: Math.min(byteLength, end - filling.offset) }
        : windowAround(shown, end, this.#window)
    return {
      ...{ session: lock.id, kind: 'bytes', ...this.#window, follow: following },
      ...{ format: 'i16le', channels: 1, columns: 256, maxFps },
    }
  }

  #ask(wanted: ViewRequest | null): void {
    if (this.#asking) clearTimeout(this.#asking)
    const wait = this.#askedAt + reopenMs - performance.now()
    const ask = () => {
      this.#asking = null
      this.#askedAt = performance.now()
      this.live.show(wanted)
    }
    if (wanted && wait > 0) this.#asking = setTimeout(ask, wait)
    else ask()
  }

  /** Another lock is looked at from its start; the first one from where it was looked at before. */
  #turnTo(lock: string | null): void {
    this.known.forget()
    this.#window = null
    this.#frameOffset = null
    this.frames++
    if (lock === null || lock === this.#lockBefore) return
    if (this.#lockBefore !== null) this.chosen.offset = 0
    this.#lockBefore = lock
    this.lead = 0
    this.anchor = this.cursor = this.chosen.offset
  }

  #take({ header, payload }: LiveFrame): void {
    if (!payload) return
    this.known.accept({ offset: header.offset, bytes: payload }, performance.now())
    if (this.following) this.#follow(header.offset)
    this.#frameOffset = header.offset
    this.frames++
  }

  /** The cursor stays on its spot of the view. When the transfer ends, the view stays where it is. */
  #follow(offset: number): void {
    const by = offset - this.offset
    this.cursor += by
    this.anchor += by
    this.chosen.offset = offset
  }
}
