// Which samples the wave shows: from single ones to all that the server shows at once. Pure.

import type { DmaSessionSummary, Transfer } from '../../../../../server/contract/dma-session.ts'
import type { BoardDetail } from '../../../../../server/contract/overview.ts'
import {
  type SampleFormat,
  sampleByteLength,
  sampleFormats,
} from '../../../../../server/contract/samples.ts'
import type { ViewRequest } from '../../../../api/live-socket.ts'

/** In samples of each channel. */
export interface SampleWindow {
  first: number
  samples: number
}

export interface WaveSettings extends SampleWindow {
  format: SampleFormat
  channels: number
}

/** Where a window can be. */
export interface Reach {
  /** Samples of each channel in the lock. */
  samples: number
  /** Samples that the server shows at once. */
  mostSamples: number
  /** Of a block of the ring that the lock is; a window that is no longer follows the last complete one. */
  block: number | null
}

const usualSamples = 4096
export const fewestSamples = 16
const mostColumns = 2048

export const frameByteLength = ({ format, channels }: Pick<WaveSettings, 'format' | 'channels'>) =>
  sampleByteLength[format] * channels

/** As the board delivers it where the driver knows; otherwise one channel of 16-bit samples. */
export function usualSettings(
  sampleFormat: BoardDetail['sampleFormat'],
): Omit<WaveSettings, 'first'> {
  const known = sampleFormats.find((format) => format === sampleFormat?.format)
  const channels = Math.min(4, Math.max(1, sampleFormat?.channels ?? 1))
  return { format: known ?? 'i16le', channels, samples: usualSamples }
}

export function reachOf(
  settings: Pick<WaveSettings, 'format' | 'channels'>,
  around: {
    lockByteLength: number
    maxViewByteLength: number
    blockByteLength: number | null | undefined
  },
): Reach {
  const stride = frameByteLength(settings)
  const whole = (byteLength: number) => Math.max(1, Math.floor(byteLength / stride))
  const { lockByteLength, maxViewByteLength, blockByteLength } = around
  return {
    samples: whole(lockByteLength),
    mostSamples: whole(Math.min(lockByteLength, maxViewByteLength)),
    block: blockByteLength ? whole(Math.min(blockByteLength, maxViewByteLength)) : null,
  }
}

/** A window longer than a block cannot follow the last complete one; it shows the ring as it lies in memory. */
export const follows = ({ samples }: SampleWindow, { block }: Reach) =>
  block !== null && samples <= block

/** The samples that a window of this length moves in: the block that it follows, or the lock. */
export const spanOf = (window: SampleWindow, reach: Reach): number =>
  follows(window, reach) ? (reach.block ?? reach.samples) : reach.samples

/** The nearest window that there is. */
export function windowWithin({ first, samples }: SampleWindow, reach: Reach): SampleWindow {
  const most = reach.mostSamples
  const length = Math.round(Math.min(most, Math.max(Math.min(fewestSamples, most), samples)))
  const last = spanOf({ first, samples: length }, reach) - length
  return { first: Math.min(last, Math.max(0, Math.round(first))), samples: length }
}

/** `factor` times as long; what is at this share of its length stays there. */
export function zoomed(
  window: SampleWindow,
  reach: Reach,
  { factor, at }: { factor: number; at: number },
): SampleWindow {
  const { samples } = windowWithin({ first: 0, samples: window.samples * factor }, reach)
  return windowWithin({ first: window.first + at * (window.samples - samples), samples }, reach)
}

/** By a share of its own length, and at least by a sample. */
export function panned(window: SampleWindow, reach: Reach, by: number): SampleWindow {
  const samples = Math.sign(by) * Math.max(1, Math.abs(by) * window.samples)
  return windowWithin({ ...window, first: window.first + samples }, reach)
}

/** All that can be seen: of a block that is followed first, then of the lock. */
export function whole(window: SampleWindow, reach: Reach): SampleWindow {
  const { block, mostSamples } = reach
  const samples = block !== null && window.samples < block ? block : mostSamples
  return windowWithin({ first: 0, samples }, reach)
}

/** Powers of two from single samples to all that there is. */
export function windowChoices({ mostSamples }: Reach): number[] {
  const choices: number[] = []
  for (let samples = fewestSamples; samples <= mostSamples; samples *= 2) choices.push(samples)
  if (choices.at(-1) !== mostSamples) choices.push(mostSamples)
  return choices
}

export interface AroundWindow {
  /** Device pixels. */
  widthPx: number
  reach: Reach
  filling: Pick<Transfer, 'offset'> | null
}

export function waveRequest(
  lock: Pick<DmaSessionSummary, 'id'>,
  settings: WaveSettings,
  { widthPx, reach, filling }: AroundWindow,
): ViewRequest {
  const { format, channels, first, samples } = settings
  const stride = frameByteLength(settings)
  const follow = follows(settings, reach)
  return {
    session: lock.id,
    kind: 'wave',
    offset: (follow ? (filling?.offset ?? 0) : 0) + first * stride,
    byteLength: samples * stride,
    follow,
    format,
    channels,
    stride,
    columns: Math.min(mostColumns, samples, Math.max(256, Math.ceil(widthPx))),
    maxFps: 60,
  }
}
