// How much memory the wave shows, and the request for it.

import type { DmaSessionSummary, Transfer } from '../../../../../server/contract/dma-session.ts'
import type { BoardDetail } from '../../../../../server/contract/overview.ts'
import {
  type SampleFormat,
  sampleByteLength,
  sampleFormats,
} from '../../../../../server/contract/samples.ts'
import type { ViewRequest } from '../../../../api/live-socket.ts'

export interface WaveSettings {
  format: SampleFormat
  channels: number
  /** Samples of each channel. */
  samples: number
}

const usualSamples = 4096
const fewestSamples = 64
const mostSamples = 2 ** 24
const mostColumns = 2048

export const frameByteLength = ({ format, channels }: Pick<WaveSettings, 'format' | 'channels'>) =>
  sampleByteLength[format] * channels

/** As the board delivers it where the driver knows; otherwise one channel of 16-bit samples. */
export function usualSettings(sampleFormat: BoardDetail['sampleFormat']): WaveSettings {
  const known = sampleFormats.find((format) => format === sampleFormat?.format)
  const channels = Math.min(4, Math.max(1, sampleFormat?.channels ?? 1))
  return { format: known ?? 'i16le', channels, samples: usualSamples }
}

/** Powers of two that fit the lock and what the server shows at most; the longest is all that fits. */
export function windowChoices(
  settings: Pick<WaveSettings, 'format' | 'channels'>,
  reach: { lockByteLength: number; maxViewByteLength: number },
): number[] {
  const most = Math.floor(
    Math.min(reach.lockByteLength, reach.maxViewByteLength) / frameByteLength(settings),
  )
  const choices: number[] = []
  for (let samples = fewestSamples; samples <= Math.min(most, mostSamples); samples *= 2) {
    choices.push(samples)
  }
  return choices.length > 0 ? choices : [Math.max(1, most)]
}

/** The wanted window, or the longest that there is. */
export function fittingSamples(wanted: number, choices: number[]): number {
  return choices.includes(wanted) ? wanted : (choices.at(-1) ?? wanted)
}

export function waveRequest(
  lock: Pick<DmaSessionSummary, 'id'>,
  settings: WaveSettings,
  around: { widthPx: number; filling: Pick<Transfer, 'offset' | 'blockByteLength'> | null },
): ViewRequest {
  const stride = frameByteLength(settings)
  const byteLength = settings.samples * stride
  const block = around.filling?.blockByteLength
  // A window longer than a block cannot follow the last complete one; it shows the ring as it lies in memory.
  const follow = !block || byteLength <= block
  const columns = Math.min(mostColumns, settings.samples, Math.max(256, Math.ceil(around.widthPx)))
  return {
    session: lock.id,
    kind: 'wave',
    offset: follow ? (around.filling?.offset ?? 0) : 0,
    byteLength,
    follow,
    format: settings.format,
    channels: settings.channels,
    stride,
    columns,
    maxFps: 60,
  }
}
