// What views show of memory: waves, spectra, statistics, triggers, changed pages. The device may write it meanwhile; whether what was seen is of one
// piece is for the caller to find out, from the count of what the device has completed.

import { addon, type NativePageTracker } from './addon.ts'
import { invalid } from './errors.ts'
import type {
  PageTracker,
  SpectrumRequest,
  StatisticsRequest,
  TriggerRequest,
  WaveRequest,
} from './surface.ts'

/**
 * A wave of samples: for each channel and each column first, min, max, last, channel after channel.
 * The samples are split evenly; with fewer samples than columns neighbouring columns repeat one.
 * NaN counts for first and last only; a column without a number is NaN, and so is every column when
 * there is no whole sample.
 */
export function projectWave(request: WaveRequest): Float32Array {
  const { bytes, format, channels, stride, columns } = request
  if (![channels, stride, columns].every(Number.isSafeInteger)) {
    throw invalid('projectWave', 'channels, stride and columns are whole numbers')
  }
  return addon.projectWave(bytes, format, channels, stride, columns)
}

/**
 * How strong each frequency is: size / 2 + 1 levels in dBFS, from 0 to half the sample rate.
 * Whatever the window, 0 is a sine of full scale (1.0 for floats, around the middle for unsigned ones); a
 * constant at full scale is 0 in the first bin. Never NaN nor infinite: silence is -200, and samples
 * that are infinite or no number count as 0.
 */
export function projectSpectrum(request: SpectrumRequest): Float32Array {
  const { bytes, format, channel, stride, size, window = 'hann' } = request
  if (![channel, stride, size].every(Number.isSafeInteger)) {
    throw invalid('projectSpectrum', 'channel, stride and size are whole numbers')
  }
  return addon.projectSpectrum(bytes, format, channel, stride, size, window)
}

/**
 * Where the samples of a channel cross a level, in samples from the first: 41.25 lies between two, and the trigger is at the second
 * of them (`Math.ceil`). A rising edge arms below level - hysteresis and triggers at the next sample that is not below the level; a
 * falling edge is its mirror image. Null: nowhere. Deterministic; takes one pass over the memory at most.
 */
export function findTrigger(request: TriggerRequest): number | null {
  const { bytes, format, channel, stride, edge, level, which } = request
  const { hysteresis = 0, holdOff = 0, first = 0, end = Number.MAX_SAFE_INTEGER } = request
  if (![channel, stride, holdOff, first, end].every(Number.isSafeInteger)) {
    throw invalid('findTrigger', 'channel, stride, hold-off, first and end are whole numbers')
  }
  const newest = which === 'newest'
  return addon.findTrigger(
    bytes,
    format,
    channel,
    stride,
    edge,
    level,
    hysteresis,
    holdOff,
    first,
    end,
    newest,
  )
}

/**
 * Of each channel, channel after channel: how many samples, the smallest, the largest, the mean and
 * the root of the mean square. What is no number is left out; without any other, count is 0 and the
 * rest NaN.
 */
export function projectStatistics(request: StatisticsRequest): Float64Array {
  const { bytes, format, channels, stride } = request
  if (![channels, stride].every(Number.isSafeInteger)) {
    throw invalid('projectStatistics', 'channels and stride are whole numbers')
  }
  return addon.projectStatistics(bytes, format, channels, stride)
}

/**
 * Watches the pages of a window of a buffer, 1 byte to 64 MiB long. Two different contents of a page
 * are taken for the same with a chance of at most 2^-64.
 */
export function trackPages(window: { offset: number; byteLength: number }): PageTracker {
  const { offset, byteLength } = window
  if (![offset, byteLength].every(Number.isSafeInteger)) {
    throw invalid('trackPages', 'offset and length are whole numbers')
  }
  return new WindowTracker(addon.trackPages(offset, byteLength))
}

class WindowTracker implements PageTracker {
  readonly #native: NativePageTracker

  constructor(native: NativePageTracker) {
    this.#native = native
  }

  look(buffer: Uint8Array): Uint8Array {
    return addon.lookAtPages(this.#native, buffer)
  }
}
