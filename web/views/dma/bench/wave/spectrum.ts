// The payload of a spectrum frame: channel after channel, for each frequency its level in dBFS as f32.

import type { SpectrumWindow } from '../../../../../server/contract/samples.ts'
import type { ViewRequest } from '../../../../api/live-socket.ts'
import { waveRequest } from './wave-window.ts'

export const fewestSpectrumSamples = 256
export const mostSpectrumSamples = 65_536

/** Each channel's levels; null if the payload does not divide into that many channels. */
export function levelsOf(payload: Uint8Array, channels: number): Float32Array[] | null {
  const each = payload.byteLength / 4 / channels
  if (each === 0 || !Number.isInteger(each)) return null
  const all = new Float32Array(payload.buffer, payload.byteOffset, payload.byteLength / 4)
  return Array.from({ length: channels }, (_, i) => all.subarray(i * each, (i + 1) * each))
}

export interface Peak {
  /** From 0 to 1, of half the sample rate. */
  share: number
  level: number
}

/** Bins at the beginning that a constant fills through each window. */
const constantBins: Record<SpectrumWindow, number> = {
  rectangular: 1,
  hann: 2,
  blackmanHarris: 4,
  flatTop: 5,
}

/** The strongest frequency besides a constant. */
export function peakOf(levels: Float32Array, window: SpectrumWindow): Peak | null {
  let at = constantBins[window]
  for (let i = at + 1; i < levels.length; i++) {
    if ((levels[i] as number) > (levels[at] as number)) at = i
  }
  const level = levels[at]
  return level === undefined ? null : { share: at / (levels.length - 1), level }
}

/** The same memory as the wave's, as a spectrum. */
export function spectrumRequest(...wave: Parameters<typeof waveRequest>): ViewRequest {
  const { columns: _, ...request } = waveRequest(...wave)
  return { ...request, kind: 'spectrum', columns: 1, maxFps: 30 }
}

/** The longest window of which a spectrum is made, and that is no longer than this one; null where it is too short. */
export function spectrumSamples(samples: number): number | null {
  if (samples < fewestSpectrumSamples) return null
  return Math.min(mostSpectrumSamples, 2 ** Math.floor(Math.log2(samples)))
}

/** Of the window lengths that there are, those that a spectrum can be made of. */
export function spectrumChoices(choices: readonly number[]): number[] {
  return choices.filter((count) => spectrumSamples(count) === count)
}
