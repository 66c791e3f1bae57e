// The types of memory apart from any card.

export interface WaveRequest {
  bytes: Uint8Array
  format: SampleFormat
  /** Channels side by side, each of the format's size. */
  channels: number
  /** Bytes between successive samples of one channel. */
  stride: number
  columns: number
}

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

export type FillPattern = 'zero' | 'counter' | 'prbs31' | 'random'

export interface HostLimits {
  /** RLIMIT_MEMLOCK, bytes; Infinity where there is none. */
  memlockSoftByteLength: number
  memlockHardByteLength: number
  /** Memory of this process that is locked now (VmLck). */
  lockedByteLength: number
}
