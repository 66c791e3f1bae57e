// Counts as what they stand for: a channel's gain, offset and unit. Pure.

import type { ChannelUnit } from '../../../../../server/contract/bench-views.ts'
import type { SampleFormat } from '../../../../../server/contract/samples.ts'
import { formatCount } from '../../../../shared/format.ts'
import { fitScale, fullScale, isFloat, type Scale } from './plot/scale.ts'

export const counts: ChannelUnit = { unit: '', gain: 1, offset: 0 }

export const unitOf = (units: readonly ChannelUnit[], channel: number): ChannelUnit =>
  units[channel] ?? counts

const isPlain = ({ gain, offset }: ChannelUnit) => gain === 1 && offset === 0

export const inUnit = ({ gain, offset }: ChannelUnit, count: number): number =>
  gain * count + offset

export const countOf = ({ gain, offset }: ChannelUnit, value: number): number =>
  (value - offset) / gain

/** Columns of first, min, max, last. A negative gain makes the smallest the largest. */
export function columnsInUnit(columns: Float32Array, unit: ChannelUnit): Float32Array {
  if (isPlain(unit)) return columns
  const scaled = columns.map((count) => inUnit(unit, count))
  if (unit.gain >= 0) return scaled
  for (let i = 1; i < scaled.length; i += 4) {
    const [min, max] = [scaled[i + 1] as number, scaled[i] as number]
    scaled[i] = min
    scaled[i + 1] = max
  }
  return scaled
}

/** What the format can hold of every channel. */
export function rangeInUnits(format: SampleFormat, units: readonly ChannelUnit[]): Scale {
  const range = fullScale(format)
  if (units.every(isPlain)) return range
  const ends = units.flatMap((unit) => [inUnit(unit, range.min), inUnit(unit, range.max)])
  return fitScale({ min: Math.min(...ends), max: Math.max(...ends) })
}

/** Of the channels' values side by side; empty where their units differ. */
export function sharedUnit(units: readonly ChannelUnit[]): ChannelUnit {
  const [first = counts] = units
  const same = units.every(({ unit }) => unit === first.unit)
  const plain = units.every(isPlain)
  return { ...(plain ? counts : { gain: 0, offset: 0 }), unit: same ? first.unit : '' }
}

const fiveDigits = new Intl.NumberFormat('en', { maximumSignificantDigits: 5 })
const prefixes = ['p', 'n', 'µ', 'm', '', 'k', 'M', 'G', 'T'] as const
const plainPrefix = 4

/** -1.25 mV, 8,192, 0.5. Counts of an integer format are whole, all else has five digits. */
export function formatValue(value: number, unit: ChannelUnit, format: SampleFormat): string {
  if (!unit.unit) {
    if (isPlain(unit) && !isFloat(format) && Number.isInteger(value)) return formatCount(value)
    const size = Math.abs(value)
    // Beyond these, digits would be counted rather than read.
    const readable = size === 0 || (size >= 1e-4 && size < 1e9)
    return readable ? fiveDigits.format(value) : String(Number(value.toPrecision(5)))
  }
  const size = Math.abs(value)
  const power = size > 0 ? Math.floor(Math.log10(size * (1 + 5e-6)) / 3) : 0
  const prefix = Math.min(prefixes.length - 1, Math.max(0, power + plainPrefix))
  const scaled = value / 1000 ** (prefix - plainPrefix)
  return `${Number(scaled.toPrecision(5))} ${prefixes[prefix]}${unit.unit}`
}
