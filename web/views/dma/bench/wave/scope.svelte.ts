// The wave of one bench: which samples are looked at, and in which shape. Made by the panel, which shows it.

import { untrack } from 'svelte'
import { prefersReducedMotion } from 'svelte/motion'
import type { WaveView } from '../../../../../server/contract/bench-views.ts'
import type { FrameHeader } from '../../../../../server/contract/frame.ts'
import type { SampleFormat } from '../../../../../server/contract/samples.ts'
import type { LiveFrame } from '../../../../api/live-frames.ts'
import type { ViewRequest } from '../../../../api/live-socket.ts'
import type { Bench } from '../../../../state/bench.svelte.ts'
import { live } from '../../../../state/live.svelte.ts'
import { LiveView } from '../../../../state/live-view.svelte.ts'
import { type CursorPlaces, placeOf, sampleAt, samplesBetween, startingPlaces } from './cursors.ts'
import { isFloat, type Scale } from './plot/scale.ts'
import type { Scene } from './plot/scene.ts'
import { Readings } from './readings.svelte.ts'
import { spectrumChoices, spectrumRequest, spectrumSamples } from './spectrum.ts'
import { statisticsRequest } from './statistics.ts'
import { withTrigger } from './trigger.ts'
import { unitOf } from './units.ts'
import { WaveTrigger } from './wave-trigger.svelte.ts'
import {
  follows,
  frameByteLength,
  panned,
  reachOf,
  type SampleWindow,
  spanOf,
  usualSettings,
  waveRequest,
  whole,
  windowChoices,
  windowWithin,
  zoomed,
} from './wave-window.ts'

/** While somebody zooms, the server is asked for another window this often. */
const askEveryMs = 60
const unknownViewLimit = 16 * 1024 * 1024
const shapes: WaveView['shape'][] = ['wave', 'rolling', 'spectrum', 'spectrogram']
const rollingColumns = 256

export class Scope {
  /** Of the plot, in device pixels. */
  widthPx = $state(0)
  /** Of a spectrum. Shares of its width; a wave's are samples, and kept. */
  spectrumCursors = $state.raw<CursorPlaces | null>(null)
  readonly view = new LiveView((frame) => this.#paint(frame))
  readonly figures = new LiveView((frame) => this.readings.takeStatistics(frame))
  readonly readings = new Readings(this)
  readonly trigger = new WaveTrigger(this)
  readonly chosen: WaveView
  /** Of the wave that is shown. */
  scale = $state.raw<Scale | null>(null)

  readonly #usual = $derived.by(() => usualSettings(this.bench.detail?.sampleFormat ?? null))
  readonly shape = $derived.by(() => this.chosen.shape)
  readonly format = $derived.by(() => this.chosen.format ?? this.#usual.format)
  readonly channels = $derived.by(() => this.chosen.channels ?? this.#usual.channels)
  readonly units = $derived.by(() =>
    Array.from({ length: this.channels }, (_, i) => unitOf(this.chosen.units, i)),
  )
  readonly isSpectral = $derived.by(() => this.shape === 'spectrum' || this.shape === 'spectrogram')
  readonly fitting = $derived.by(() => this.chosen.fit || isFloat(this.format))
  /** Nothing fades or flickers where the system asks for less motion. */
  readonly stands = $derived.by(() => prefersReducedMotion.current)
  readonly glowing = $derived.by(() => this.chosen.afterglow && !this.stands)
  readonly sampleRate = $derived.by(() => this.view.opened?.sampleRate ?? null)

  readonly reach = $derived.by(() =>
    reachOf(this.#settings, {
      lockByteLength: this.bench.lock?.byteLength ?? 0,
      maxViewByteLength: live.hello?.limits.maxViewByteLength.wave ?? unknownViewLimit,
      blockByteLength: this.bench.filling?.blockByteLength,
    }),
  )
  /** What is asked for. */
  readonly window = $derived.by(() => this.#windowOfShape())
  readonly choices = $derived.by(() => {
    const choices = windowChoices(this.reach)
    return this.isSpectral ? spectrumChoices(choices) : choices
  })
  /** The transfer itself is another object with each of its events. */
  readonly #isFilling = $derived.by(() => this.bench.filling !== null)
  readonly span = $derived.by(() => spanOf(this.window, this.reach))
  /** By its id: the lock's own object is a new one with each event of the board. */
  readonly lockId = $derived.by(() => (this.bench.sees ? (this.bench.lock?.id ?? null) : null))
  /** Where a wave's cursors are on the picture; they may be beside it. */
  readonly cursors = $derived.by((): CursorPlaces | null => {
    if (this.isSpectral) return this.spectrumCursors
    const { cursors } = this.chosen
    if (!cursors || this.shape !== 'wave') return null
    return { a: placeOf(cursors.a, this.window), b: placeOf(cursors.b, this.window) }
  })

  /** Draws; set by whoever has the plot. */
  onscene: (scene: Scene | null) => void | Promise<void> = () => {}

  #lock: string | null = null
  /** Of the newest frame that followed a ring. */
  #followed: FrameHeader | null = null
  #asking: ReturnType<typeof setTimeout> | null = null
  #askedAt = 0

  /** While a component is made. */
  constructor(private readonly bench: Bench) {
    this.chosen = bench.views.wave
    $effect(() => {
      const isFilling = this.#isFilling
      untrack(() => this.#stay(isFilling))
    })
    $effect(() => {
      const request = this.#request
      untrack(() => this.#ask(request))
    })
    $effect(() => {
      const request = this.#figuresRequest
      untrack(() => this.figures.show(request))
    })
    $effect(() => {
      // A picture that stands still is measured once.
      const runs = this.view.mode === 'run'
      untrack(() => (runs ? this.figures.run() : this.figures.single()))
    })
    $effect(() => {
      // Another lock, format or right: the old picture would lie.
      void [this.lockId, this.format, this.channels, this.shape, this.chosen.rolled]
      untrack(() => this.#forget())
    })
    $effect(() => {
      const lock = this.lockId
      untrack(() => this.#turnTo(lock))
    })
    $effect(() => {
      // Nothing new need come, and yet it is to be seen otherwise.
      void [this.units, this.fitting, this.glowing]
      untrack(() => void this.#draw())
    })
    $effect(() => () => this.#stop())
  }

  zoom = (factor: number, at = 0.5): void =>
    this.#look(zoomed(this.window, this.reach, { factor, at }))
  pan = (by: number): void => this.#look(panned(this.window, this.reach, by))
  showAll = (): void => this.#look(whole(this.window, this.reach))
  showFrom = (first: number): void =>
    this.#look(windowWithin({ ...this.window, first }, this.reach))

  setSamples = (samples: number): void => {
    this.chosen.samples = samples
  }

  setFormat = (format: SampleFormat): void => {
    this.chosen.format = format
    this.trigger.forgetLevel()
  }

  nextShape = (): void => {
    this.chosen.shape = shapes[(shapes.indexOf(this.shape) + 1) % shapes.length] ?? 'wave'
  }

  toggleCursors = (): void => {
    if (this.isSpectral) this.spectrumCursors = this.spectrumCursors ? null : startingPlaces
    else if (this.chosen.cursors) this.chosen.cursors = null
    else this.moveCursors(startingPlaces)
  }

  moveCursors = (places: CursorPlaces): void => {
    if (this.isSpectral) {
      this.spectrumCursors = places
      return
    }
    const { window } = this
    const before = this.chosen.cursors
    const shown = this.cursors
    // One that was not moved stays at its sample, wherever that is.
    const at = (name: 'a' | 'b') =>
      before && shown?.[name] === places[name] ? before[name] : sampleAt(places[name], window)
    this.chosen.cursors = { a: at('a'), b: at('b') }
  }

  get #settings() {
    return { format: this.format, channels: this.channels }
  }

  #windowOfShape(): SampleWindow {
    const { first, samples } = this.chosen
    if (this.shape === 'rolling') {
      return { first: 0, samples: this.reach.block ?? this.reach.mostSamples }
    }
    const window = windowWithin({ first, samples: samples ?? this.#usual.samples }, this.reach)
    const ofSpectrum = this.isSpectral ? spectrumSamples(window.samples) : null
    return ofSpectrum ? windowWithin({ first, samples: ofSpectrum }, this.reach) : window
  }

  get #request(): ViewRequest | null {
    const { bench, window, widthPx, reach } = this
    const { lock, filling } = bench
    const rolls = this.shape !== 'rolling' || follows(window, reach)
    if (!bench.sees || !lock || widthPx === 0 || this.choices.length === 0 || !rolls) return null
    const settings = { ...this.#settings, ...window }
    const around = { widthPx: this.shape === 'rolling' ? rollingColumns : widthPx, reach, filling }
    return this.isSpectral
      ? { ...spectrumRequest(lock, settings, around), window: this.chosen.window }
      : withTrigger(waveRequest(lock, settings, around), this.trigger.asked, filling)
  }

  get #figuresRequest(): ViewRequest | null {
    const { cursors } = this.chosen
    const request = this.shape === 'wave' && cursors ? this.#request : null
    if (!request || !cursors) return null
    const { first, samples } = samplesBetween(cursors)
    const most = this.reach.mostSamples
    if (samples > most) return null
    const between = { first: first - this.window.first, samples }
    if (!this.trigger.asked) return statisticsRequest(request, between)
    // Where a trigger places the window is known once the picture stands still.
    const { newest, mode } = this.view
    if (mode === 'run' || !newest) return null
    const { trigger: _, ...wave } = request
    return statisticsRequest({ ...wave, follow: false, offset: newest.offset }, between)
  }

  #look({ first, samples }: SampleWindow): void {
    if (this.shape !== 'wave') return
    this.chosen.first = first
    this.chosen.samples = samples
  }

  #ask(request: ViewRequest | null): void {
    if (this.#asking) clearTimeout(this.#asking)
    const wait = request ? this.#askedAt + askEveryMs - performance.now() : 0
    const ask = () => {
      this.#askedAt = performance.now()
      this.view.show(request)
    }
    this.#asking = wait > 0 ? setTimeout(ask, wait) : null
    if (wait <= 0) ask()
  }

  /** Other memory is looked at from its beginning. */
  #turnTo(lock: string | null): void {
    if (lock && this.#lock && lock !== this.#lock) {
      this.chosen.first = 0
      this.chosen.cursors = null
    }
    this.#lock = lock ?? this.#lock
  }

  /** When a ring is no longer filled, the window stays on the block that it showed. */
  #stay(isFilling: boolean): void {
    const header = this.#followed
    const { block } = this.reach
    const { first, cursors } = this.chosen
    if (isFilling && block) this.#moveTo(first % block, cursors)
    if (isFilling || !header) return
    this.#followed = null
    this.#moveTo(Math.floor(header.offset / frameByteLength(this.#settings)), cursors)
  }

  #moveTo(first: number, cursors: WaveView['cursors']): void {
    const by = first - this.chosen.first
    this.chosen.first = first
    if (!cursors || by === 0) return
    this.chosen.cursors = { a: Math.max(0, cursors.a + by), b: Math.max(0, cursors.b + by) }
  }

  #paint(frame: LiveFrame): void | Promise<void> {
    if (!this.readings.take(frame)) return
    this.#followed = this.bench.filling && follows(this.window, this.reach) ? frame.header : null
    return this.#draw()
  }

  /** What was read last, as it is to be seen now. */
  #draw(): void | Promise<void> {
    const scene = this.readings.scene()
    if (!scene) return
    const scale = scene.kind === 'wave' ? scene.scale : null
    if (scale?.min !== this.scale?.min || scale?.max !== this.scale?.max) this.scale = scale
    return this.onscene(scene)
  }

  #forget(): void {
    this.readings.forget()
    this.#followed = null
    void this.onscene(null)
  }

  #stop(): void {
    this.view.stop()
    this.figures.stop()
    this.readings.stop()
    if (this.#asking) clearTimeout(this.#asking)
  }
}
