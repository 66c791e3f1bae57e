// The types of a card's configuration, by bus.

/** Where a card is and how it is set up. */
export type CardConfig = SimulatedCardConfig | VfioCardConfig

export interface SimulatedCardConfig {
  bus: 'simulated'
  /**
   * What each channel reaches, channel 0 first. `h2c` knows memory and dac, `c2h` memory and adc.
   * At least one each, at most 4.
   */
  h2c: readonly ('memory' | 'dac')[]
  c2h: readonly ('memory' | 'adc')[]
  /** Card memory behind the memory channels, bytes. Default 64 MiB. */
  memoryByteLength?: number
  /**
   * 0 (default): a lock gets one run of device addresses. n > 0: runs are at most n CPU pages long
   * and never adjacent, so that lists are deterministic and long. Contiguous locks are not
   * affected.
   */
  fragmentation?: number
  /**
   * Absolute path of a file that the ADC can play: WAV (PCM or float), or .npy of shape (frames,) or
   * (frames, channels).
   */
  recording?: string
  /** What the frames of a file without a header are made of; at most 64 channels. */
  recordingFormat?: { format: RawFormat; channels: number }
  /** Armed at power-up and by each reset, at most 64. */
  faults?: readonly SimulatedFault[]
}

/**
 * What a simulated board does wrong: an engine that stays busy until reset; half of a descriptor
 * moved; registers that read all ones; an access outside of every lock; a message dropped; a bit
 * changed; count, status and interrupt late; a descriptor without its magic number; a descriptor
 * that moves nothing and ends with error bits of the channel's status; bus mastering off.
 */
export type FaultKind =
  | 'stall'
  | 'shortTransfer'
  | 'linkLost'
  | 'iommuFault'
  | 'lostInterrupt'
  | 'dataFlip'
  | 'lateCompletion'
  | 'wrongMagic'
  | 'errorBits'
  | 'busMasterOff'

/** A fault on purpose. It lets `skip` descriptors (or messages) pass and then strikes `count` times. */
export interface SimulatedFault {
  kind: FaultKind
  /** e.g. `c2h1` */
  channel: string
  /** Default 1. */
  count?: number
  /** Default 0. */
  skip?: number
  /** Of a late completion, ms; default 100. */
  delayMs?: number
  /**
   * Of errorBits: status bits as PG195 numbers them, all of them the channel's. Default 0x400: H2C
   * completer abort, C2H slave error.
   */
  bits?: number
}

/** Sample formats of a raw recording. */
export type RawFormat = 'i8' | 'u8' | 'i16le' | 'u16le' | 'i32le' | 'u32le' | 'f32le' | 'f64le'

export interface VfioCardConfig {
  bus: 'vfio'
  /** PCI address, e.g. `0000:01:00.0`. */
  address: string
  /** Bits of a device address that the engine can put out, 1 to 64; default 64. Its driver knows. */
  addressWidth?: number
  /** As on the simulated bus: each run is a mapping of its own, of which the kernel has a limit. */
  fragmentation?: number
}
