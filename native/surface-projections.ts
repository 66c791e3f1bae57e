// The types of what views show of memory.

import type { RegisterAddress } from './surface-registers.ts'

export type SampleFormat =
  | 'i8'
  | 'u8'
  | 'i16le'
  | 'i16be'
  | 'u16le'
  | 'u16be'
  | 'i32le'
  | 'i32be'
  | 'u32le'
  | 'u32be'
  | 'f32le'
  | 'f32be'
  | 'f64le'
  | 'f64be'

export interface WaveRequest {
  bytes: Uint8Array
  format: SampleFormat
  /** Channels side by side, each of the format's size. */
  channels: number
  /** Bytes between successive samples of one channel. */
  stride: number
  columns: number
}

/** As a wave's, without columns. */
export type StatisticsRequest = Omit<WaveRequest, 'columns'>

export interface SpectrumRequest {
  /** The first `size` samples of the channel are taken; WD_INVALID_PARAMETER if there are fewer. */
  bytes: Uint8Array
  format: SampleFormat
  /** Which of the channels that lie side by side, from 0. */
  channel: number
  /** Bytes between successive samples of the channel. */
  stride: number
  /** Samples: a power of two from 256 to 65,536. */
  size: number
  /** What the samples are weighted with; Hann if not given. */
  window?: SpectrumWindow
}

export type SpectrumWindow = 'rectangular' | 'hann' | 'blackmanHarris' | 'flatTop'

export interface TriggerRequest {
  bytes: Uint8Array
  format: SampleFormat
  /** Which of the channels that lie side by side, from 0. */
  channel: number
  /** Bytes between successive samples of the channel. */
  stride: number
  edge: 'rising' | 'falling' | 'either'
  /** As the samples count; so too the hysteresis, at least 0. */
  level: number
  hysteresis?: number
  /** Samples. A crossing less than this after the trigger before is none. */
  holdOff?: number
  /**
   * Only triggers at the samples from `first` up to but not `end` are answered. Those before show whether the trigger is armed, and
   * count for the hold-off.
   */
  first?: number
  end?: number
  which: 'first' | 'newest'
}

/** A copy of a part of a ring that the board goes on filling, step by step: blocks, or descriptors. */
export interface CheckedCopy {
  from: Uint8Array
  /** As long as `from`; not the board's. */
  to: Uint8Array
  /**
   * Counts the steps that the board has completed since the ring was started, modulo 2^width; each
   * only when all of its bytes are in memory.
   */
  counter: RegisterAddress
  stepsPerLap: number
  /** The steps that have filled `from`, by their number since the start: `first` up to but not `end`. */
  first: number
  end: number
}

/**
 * Remembers what the pages of a window looked like. Pages are the 4 KiB of the buffer, counted from
 * its first byte; of one that the window cuts, only the bytes in the window are watched. Keeps 17
 * bytes a page and nothing of the buffer, and is gone when collected.
 */
export interface PageTracker {
  /**
   * Of each page that the window touches, the looks since it changed: 0 if it differs from what the
   * look before saw, at most 255. The first look has seen nothing change: 255 everywhere. `buffer`
   * is what the window lies in, WD_INVALID_PARAMETER if it is too short. Takes the time to read
   * the window.
   */
  look(buffer: Uint8Array): Uint8Array
}
