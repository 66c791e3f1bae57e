// The payload of a statistics frame: channel after channel count, min, max, mean and RMS as f64.

import type { ChannelUnit } from '../../../../../server/contract/bench-views.ts'
import type { ViewRequest } from '../../../../api/live-socket.ts'
import { inUnit, unitOf } from './units.ts'

export interface Statistics {
  count: number
  min: number
  max: number
  mean: number
  rms: number
}

const perChannel = 5

/** Null if the payload is not of so many channels. */
export function statisticsOf(payload: Uint8Array, channels: number): Statistics[] | null {
  if (payload.byteLength !== channels * perChannel * 8) return null
  const all = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  const at = (channel: number, i: number) => all.getFloat64((channel * perChannel + i) * 8, true)
  return Array.from({ length: channels }, (_, channel) => ({
    count: at(channel, 0),
    min: at(channel, 1),
    max: at(channel, 2),
    mean: at(channel, 3),
    rms: at(channel, 4),
  }))
}

/** As if every sample had been one of the unit. */
export function statisticsInUnit(counts: Statistics, unit: ChannelUnit): Statistics {
  const { gain, offset } = unit
  const ends = [inUnit(unit, counts.min), inUnit(unit, counts.max)]
  const square = gain ** 2 * counts.rms ** 2 + 2 * gain * offset * counts.mean + offset ** 2
  return {
    count: counts.count,
    min: Math.min(...ends),
    max: Math.max(...ends),
    mean: inUnit(unit, counts.mean),
    rms: Math.sqrt(Math.max(0, square)),
  }
}

export const inUnits = (all: Statistics[], units: readonly ChannelUnit[]): Statistics[] =>
  all.map((one, channel) => statisticsInUnit(one, unitOf(units, channel)))

/** The same memory as the wave's, from its sample `first` on. */
export function statisticsRequest(
  wave: ViewRequest & { stride?: number },
  { first, samples }: { first: number; samples: number },
): ViewRequest {
  const { columns: _, ...request } = wave
  const stride = wave.stride ?? 1
  return {
    ...request,
    kind: 'statistics',
    offset: wave.offset + first * stride,
    byteLength: samples * stride,
    columns: 1,
    maxFps: 5,
  }
}
