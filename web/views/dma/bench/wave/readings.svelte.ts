// What a scope read of its samples: the scene that shows it, and the figures beside it.

import type { ChannelUnit, WaveView } from '../../../../../server/contract/bench-views.ts'
import type { FrameHeader } from '../../../../../server/contract/frame.ts'
import type { SampleFormat } from '../../../../../server/contract/samples.ts'
import type { LiveFrame } from '../../../../api/live-frames.ts'
import { channelsOf, extentOf } from './plot/columns.ts'
import { fitScale, joinExtents } from './plot/scale.ts'
import type { Scene, WaveScene } from './plot/scene.ts'
import { levelScale } from './plot/spectrum-levels.ts'
import { levelsOf } from './spectrum.ts'
import { inUnits, type Statistics, statisticsOf } from './statistics.ts'
import { Strip, stripColumns } from './strip.ts'
import { columnsInUnit, rangeInUnits, unitOf } from './units.ts'
import { Waterfall } from './waterfall.ts'
import { frameByteLength, type Reach, type SampleWindow } from './wave-window.ts'

/** Figures change this often while the picture runs: faster could not be read. */
const measureEveryMs = 250

/** How the samples are looked at. */
interface Look {
  readonly shape: WaveView['shape']
  readonly isSpectral: boolean
  readonly format: SampleFormat
  readonly channels: number
  readonly units: ChannelUnit[]
  readonly fitting: boolean
  readonly glowing: boolean
  readonly window: SampleWindow
  readonly reach: Reach
  readonly chosen: Pick<WaveView, 'rolled'>
  readonly widthPx: number
}

/** Of each channel columns, in counts, or levels. */
interface Reading {
  header: FrameHeader
  data: Float32Array[]
}

export class Readings {
  /** Each channel's columns, in its unit, or levels: those of which figures are shown. */
  measured = $state.raw<Float32Array[]>([])
  #between = $state.raw<Statistics[]>([])
  /** Of the samples between the cursors. */
  readonly statistics = $derived.by(() => inUnits(this.#between, this.scope.units))

  #newest: Reading | null = null
  #strip: Strip | null = null
  #waterfall: Waterfall | null = null
  #measuring: ReturnType<typeof setTimeout> | null = null

  constructor(private readonly scope: Look) {}

  /** Whether there is something new to be seen. */
  take({ header, payload, skipped }: LiveFrame): boolean {
    const { isSpectral, shape, channels } = this.scope
    const split = isSpectral ? levelsOf : channelsOf
    const isOurs = header.kind === (isSpectral ? 'spectrum' : 'wave')
    const data = payload && isOurs ? split(payload, channels) : null
    if (!data) return false
    if (shape === 'spectrogram') this.#fall(data, skipped > 0)
    else if (shape === 'rolling') this.#roll(header, data)
    this.#newest = { header, data }
    return true
  }

  takeStatistics({ payload }: LiveFrame): void {
    const counts = payload && statisticsOf(payload, this.scope.channels)
    if (counts) this.#between = counts
  }

  /** What was read last, as it is to be seen now; null while there is nothing. */
  scene(): Scene | null {
    if (!this.#newest) return null
    this.#measuring ??= setTimeout(this.#measure, this.measured.length === 0 ? 0 : measureEveryMs)
    return this.#sceneOf(this.#newest)
  }

  forget(): void {
    this.#newest = null
    this.#strip = null
    this.#waterfall = null
    this.#between = []
    this.measured = []
  }

  stop(): void {
    if (this.#measuring) clearTimeout(this.#measuring)
  }

  #fall(levels: Float32Array[], skipped: boolean): void {
    const { channels, widthPx } = this.scope
    this.#waterfall ??= new Waterfall(channels, widthPx)
    this.#waterfall.add(levels, skipped)
  }

  #roll({ byteLength, bytesCompleted }: FrameHeader, counts: Float32Array[]): void {
    const { reach, channels, chosen } = this.scope
    if (!reach.block) return
    this.#strip ??= new Strip(channels, (chosen.rolled * reach.block) / stripColumns)
    const stride = frameByteLength(this.scope)
    const position =
      Math.max(0, Math.floor(bytesCompleted / stride / reach.block) - 1) * reach.block
    this.#strip.add({ position, samples: Math.floor(byteLength / stride) }, counts)
  }

  #sceneOf({ header, data }: Reading): Scene {
    const { shape, chosen, reach, glowing, window } = this.scope
    if (shape === 'spectrum') return { kind: 'spectrum', scale: levelScale, channels: data }
    if (shape === 'spectrogram' && this.#waterfall) return this.#waterfall.scene()
    if (shape === 'rolling' && this.#strip) {
      const { channels, gaps } = this.#strip
      const samples = chosen.rolled * (reach.block ?? 0)
      return this.#waveScene(channels, { samples, gaps, afterglow: null })
    }
    const samples = Math.floor(header.byteLength / frameByteLength(this.scope))
    const afterglow = glowing ? `${window.first} ${samples}` : null
    return this.#waveScene(data, { samples, gaps: null, afterglow })
  }

  #waveScene(
    counts: Float32Array[],
    rest: Pick<WaveScene, 'samples' | 'gaps' | 'afterglow'>,
  ): WaveScene {
    const { fitting, format, units } = this.scope
    const channels = this.#inUnits(counts)
    const extent = fitting ? joinExtents(channels.map(extentOf)) : null
    const scale = extent ? fitScale(extent) : rangeInUnits(format, units)
    return { kind: 'wave', scale, channels, ...rest }
  }

  #inUnits(counts: readonly Float32Array[]): Float32Array[] {
    return counts.map((columns, i) => columnsInUnit(columns, unitOf(this.scope.units, i)))
  }

  /** Always ends with the figures of the newest picture, also when no other follows it. */
  #measure = (): void => {
    this.#measuring = null
    const { shape, isSpectral } = this.scope
    const data = (shape === 'rolling' ? this.#strip?.channels : this.#newest?.data) ?? []
    this.measured = isSpectral ? data : this.#inUnits(data)
  }
}
