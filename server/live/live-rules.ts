// The live protocol's limits, and what becomes of a view as a client asks for it: what is refused, what is rounded, what is shared.

import type { HostViewRequest } from '../boards/device-host.ts'
import { frameHeaderByteLength, pageByteLength } from '../contract/frame.ts'
import type { View } from '../contract/live.ts'
import { sampleByteLength } from '../contract/samples.ts'
import { PinlabError } from '../errors.ts'

export const liveLimits = {
  socketsPerPerson: 50,
  views: 16,
  watches: 256,
  framesInFlight: 2,
  bytesInFlight: 4 * 1024 * 1024,
  maxViewByteLength: {
    bytes: 1024 * 1024,
    wave: 16 * 1024 * 1024,
    pages: 64 * 1024 * 1024,
    spectrum: 16 * 1024 * 1024,
    statistics: 16 * 1024 * 1024,
  },
  /** Looks a second at pages; each reads the whole window, so that a large one is looked at less often. */
  pageLooks: { most: 15, large: 5, largeByteLength: 16 * 1024 * 1024 },
  /** Figures are read, not watched, and each of them looks at every sample. */
  statisticsRate: 5,
  spectrumSamples: { least: 256, most: 65_536 },
  /** After this many messages that cannot be read, the socket is closed. */
  unreadableMessages: 100,
  /** What a socket may hold unsent, frames and text together, before it is given up. */
  bufferedByteLength: 8 * 1024 * 1024,
  eventPeriodMs: 100,
  /** A stream says that nothing changed at most this often. */
  unchangedPeriodMs: 1000,
  heartbeatMs: 30_000,
} as const

const sharedColumns = [256, 512, 1024, 2048]
const sharedRates = [1, 5, 15, 30, 60]

export const roundColumns = (columns: number) => roundUp(sharedColumns, columns)
export const roundRate = (framesPerSecond: number) => roundUp(sharedRates, framesPerSecond)

function roundUp(steps: number[], value: number): number {
  return steps.find((step) => step >= value) ?? Math.max(...steps)
}

export interface ViewedSession {
  board: string
  byteLength: number
  state: string
}

/** A view with everything decided; views with equal plans share a stream. */
export interface ViewPlan {
  board: string
  rate: number
  request: HostViewRequest
}

export function planView(view: View, session: ViewedSession | null): ViewPlan {
  checkTrigger(view)
  if (!session) {
    throw new PinlabError('PINLAB_SESSION_UNKNOWN', `There is no DMA session ${view.session}.`)
  }
  if (session.state !== 'locked') {
    throw new PinlabError(
      'PINLAB_SESSION_NOT_LOCKED',
      `The DMA session is ${session.state}; only locked memory can be viewed.`,
    )
  }
  checkWindow(view, view.kind, session.byteLength)
  const { offset, byteLength, follow } = view
  const window = { lockId: view.session, offset, byteLength, follow }
  const { board } = session
  const rate = rateOf(view)
  switch (view.kind) {
    case 'bytes':
      return { board, rate, request: { ...window, ...bytesShape } }
    case 'pages':
      return {
        board,
        rate,
        request: { ...window, ...bytesShape, kind: 'pages', follow: false },
      }
    default:
      return { board, rate, request: { ...window, ...sampledShape(view) } }
  }
}

function checkTrigger({ kind, trigger, channels }: View): void {
  if (!trigger) return
  if (kind !== 'wave') {
    throw new PinlabError(
      'PINLAB_LIVE_TRIGGER_INVALID',
      `A ${kind} view has no trigger; only a wave has.`,
    )
  }
  if (trigger.channel >= channels) {
    throw new PinlabError(
      'PINLAB_LIVE_TRIGGER_INVALID',
      `The trigger's channel is ${trigger.channel}; the view has ${channels}, counted from 0.`,
    )
  }
}

function rateOf({ kind, maxFps, byteLength }: View): number {
  const rate = roundRate(maxFps)
  if (kind === 'statistics') return Math.min(rate, liveLimits.statisticsRate)
  if (kind !== 'pages') return rate
  const { most, large, largeByteLength } = liveLimits.pageLooks
  return Math.min(rate, byteLength > largeByteLength ? large : most)
}

function checkWindow(view: View, kind: HostViewRequest['kind'], lockByteLength: number): void {
  const { offset, byteLength } = view
  if (offset + byteLength > lockByteLength) {
    throw new PinlabError(
      'PINLAB_LIVE_OUT_OF_RANGE',
      `The window ends at byte ${offset + byteLength}; the lock has ${lockByteLength} bytes.`,
    )
  }
  const most = liveLimits.maxViewByteLength[kind]
  if (byteLength > most) {
    throw new PinlabError(
      'PINLAB_LIVE_OUT_OF_RANGE',
      `A ${kind} view shows at most ${most} bytes; ${byteLength} were asked for.`,
    )
  }
}

type ViewShape = Omit<HostViewRequest, 'lockId' | 'offset' | 'byteLength' | 'follow'>

const bytesShape: ViewShape = {
  kind: 'bytes',
  format: 'u8',
  channels: 1,
  stride: 1,
  columns: 0,
  spectrumWindow: 'hann',
  trigger: null,
}

function sampledShape(view: View): ViewShape {
  const { format, channels } = view
  const frameByteLength = channels * sampleByteLength[format]
  const stride = view.stride ?? frameByteLength
  if (stride < frameByteLength) {
    throw new PinlabError(
      'PINLAB_LIVE_MESSAGE_INVALID',
      `stride is ${stride}; ${channels} channels of ${format} need at least ${frameByteLength}.`,
    )
  }
  if (view.byteLength < frameByteLength) {
    throw new PinlabError(
      'PINLAB_LIVE_OUT_OF_RANGE',
      `The window is ${view.byteLength} bytes; one sample of each channel is ${frameByteLength}.`,
    )
  }
  const shape = { ...bytesShape, format, channels, stride }
  switch (view.kind) {
    case 'spectrum':
      return {
        ...shape,
        kind: 'spectrum',
        columns: spectrumColumns(view, { frameByteLength, stride }),
        spectrumWindow: view.window ?? 'hann',
      }
    case 'statistics':
      return { ...shape, kind: 'statistics' }
    default:
      return {
        ...shape,
        kind: 'wave',
        columns: roundColumns(view.columns),
        trigger: view.trigger ?? null,
      }
  }
}

/** Of as many samples as the window has, down to a power of two. */
function spectrumColumns(
  { byteLength }: View,
  { frameByteLength, stride }: { frameByteLength: number; stride: number },
): number {
  const { least, most } = liveLimits.spectrumSamples
  const samples = Math.floor((byteLength - frameByteLength) / stride) + 1
  if (samples < least) {
    throw new PinlabError(
      'PINLAB_LIVE_OUT_OF_RANGE',
      `A spectrum is made of at least ${least} samples; the window has ${samples}.`,
    )
  }
  return 2 ** Math.floor(Math.log2(Math.min(samples, most))) / 2 + 1
}

/** Equal for views that see the same: they share one stream. */
export function streamKey({ request, rate }: ViewPlan): string {
  const { trigger, ...rest } = request
  return JSON.stringify([rate, sorted(rest), trigger && sorted(trigger)])
}

const sorted = (fields: object) => Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))

/**
 * The longest frame that a stream can have: per wave column first, min, max, last as f32; per frequency one f32; per page one u8; per
 * channel its five statistics as f64.
 */
export function maxFrameByteLength(request: HostViewRequest): number {
  return frameHeaderByteLength + maxPayloadByteLength(request)
}

function maxPayloadByteLength(request: HostViewRequest): number {
  const { kind, offset, byteLength, channels, columns } = request
  switch (kind) {
    case 'bytes':
      return byteLength
    case 'pages':
      return Math.ceil(((offset % pageByteLength) + byteLength) / pageByteLength)
    case 'statistics':
      return channels * 40
    default:
      return channels * columns * (kind === 'wave' ? 16 : 4)
  }
}
