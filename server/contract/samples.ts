// How samples can lie in memory. Plain constants, shared with the browser.

/** Bytes of one sample. */
export const sampleByteLength = {
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
} as const

export type SampleFormat = keyof typeof sampleByteLength

export const sampleFormats = Object.keys(sampleByteLength) as SampleFormat[]

/** Files that data can be had as: its bytes, or its samples for other tools. */
export const dataFileFormats = ['bin', 'npy', 'csv', 'wav'] as const
export type DataFileFormat = (typeof dataFileFormats)[number]
