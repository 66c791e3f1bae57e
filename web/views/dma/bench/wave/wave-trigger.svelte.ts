// The trigger of a scope: as it is chosen, in counts, and its level in the unit of its channel.

import type { TriggerView, WaveView } from '../../../../../server/contract/bench-views.ts'
import type { SampleFormat } from '../../../../../server/contract/samples.ts'
import { isFloat } from './plot/scale.ts'
import { triggerOf, usualTrigger } from './trigger.ts'
import { countOf, inUnit, unitOf } from './units.ts'

interface Look {
  readonly shape: WaveView['shape']
  readonly format: SampleFormat
  readonly channels: number
  readonly chosen: Pick<WaveView, 'trigger' | 'units'>
}

export class WaveTrigger {
  readonly chosen = $derived.by(() => this.scope.chosen.trigger ?? usualTrigger)
  /** Null while it is off; only a wave has one. */
  readonly asked = $derived.by(() =>
    this.scope.shape === 'wave' ? triggerOf(this.chosen, this.scope) : null,
  )
  readonly #unit = $derived.by(() => unitOf(this.scope.chosen.units, this.asked?.channel ?? 0))
  readonly level = $derived.by(() => inUnit(this.#unit, this.asked?.level ?? 0))

  constructor(private readonly scope: Look) {}

  change = (change: Partial<TriggerView>): void => {
    this.scope.chosen.trigger = { ...this.chosen, ...change }
  }

  moveLevel = (value: number): void => {
    const count = countOf(this.#unit, value)
    if (!Number.isFinite(count)) return
    this.change({ level: isFloat(this.scope.format) ? count : Math.round(count) })
  }

  /** A level of one format says nothing in another. */
  forgetLevel(): void {
    if (this.scope.chosen.trigger) this.change({ level: null, hysteresis: null })
  }
}
