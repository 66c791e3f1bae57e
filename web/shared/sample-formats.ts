// How samples can lie in memory. The contract's live.ts lists the formats beside its schemas, which must stay out of the browser;
// its type holds this copy to it.

import type { SampleFormat } from '../../server/contract/live.ts'

/** Bytes of one sample; naming every format keeps this list whole. */
export const sampleByteLength: Record<SampleFormat, number> = {
  i8: 1,
  u8: 1,
  i16le: 2,
  i16be: 2,
  u16le: 2,
  u16be: 2,
  i32le: 4,
  i32be: 4,
  u32le: 4,
  u32be: 4,
  f32le: 4,
  f32be: 4,
  f64le: 8,
  f64be: 8,
}

export const sampleFormats = Object.keys(sampleByteLength) as SampleFormat[]
