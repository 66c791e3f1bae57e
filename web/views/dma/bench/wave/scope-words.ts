// Figures of a scope as people read them.

import { formatCount, formatSi, formatSpan } from '../../../../shared/format.ts'
import type { Labels } from './plot/labels.ts'
import { gridValues, type Scene, toY, verticalLines } from './plot/scene.ts'
import type { Scope } from './scope.svelte.ts'
import { formatValue, sharedUnit } from './units.ts'

/** So many samples: as time too, where the rate is known. */
export const spanWords = ({ sampleRate }: Scope, samples: number): string =>
  sampleRate
    ? `${formatSpan(samples / sampleRate)} · ${formatCount(samples)}`
    : `${formatCount(samples)} samples`

const timeWords = ({ sampleRate }: Scope, samples: number): string =>
  sampleRate ? formatSpan(samples / sampleRate) : formatCount(Math.round(samples))

/** Of half the sample rate. Without a rate, of the samples: half is the highest. */
export const frequencyWords = ({ sampleRate }: Scope, share: number): string =>
  sampleRate ? formatSi((share * sampleRate) / 2, 'Hz') : `${(share / 2).toFixed(3)} of the rate`

export const levelWords = (level: number): string => `${level.toFixed(1)} dB`

/** A channel's value; without a channel, one beside the grid. */
export function valueWords({ units, format }: Scope, value: number, channel?: number): string {
  const unit = channel === undefined ? undefined : units[channel]
  return formatValue(value, unit ?? sharedUnit(units), format)
}

/** From one cursor to the other. */
export function apartWords(scope: Scope, samples: number): string {
  const seconds = scope.sampleRate ? samples / scope.sampleRate : 0
  const rate = seconds > 0 ? ` · 1/Δt ${formatSi(1 / seconds, 'Hz')}` : ''
  return `${spanWords(scope, samples)}${rate}`
}

/** What the lines of the grid stand for; times count from the left edge, of a rolling picture from the right one. */
export function labelsOf(scope: Scope, scene: Scene): Labels {
  const place = placeWords(scope, scene)
  const down = Array.from({ length: verticalLines - 1 }, (_, i) => {
    const at = (i + 1) / verticalLines
    return { at, text: place(at) }
  })
  if (scene.kind === 'spectrogram' || scene.kind === 'empty') return { across: [], down }
  const words = (value: number) =>
    scene.kind === 'wave' ? valueWords(scope, value) : `${value} dBFS`
  const across = [...gridValues(scene.scale)].map((value) => ({
    at: toY(value, scene.scale, 1),
    text: words(value),
  }))
  return { across, down }
}

function placeWords(scope: Scope, scene: Scene): (at: number) => string {
  if (scene.kind !== 'wave') return (at) => frequencyWords(scope, at)
  if (scope.shape === 'rolling') return (at) => `−${timeWords(scope, (1 - at) * scene.samples)}`
  return (at) => timeWords(scope, at * scene.samples)
}
