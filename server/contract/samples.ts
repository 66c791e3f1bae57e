// How samples can lie in memory, and what can be made of them. Plain constants, shared with the browser.

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

/** What the samples of a spectrum are weighted with. Whatever it is, a sine of full scale is 0 dBFS. */
export const spectrumWindows = ['rectangular', 'hann', 'blackmanHarris', 'flatTop'] as const
export type SpectrumWindow = (typeof spectrumWindows)[number]

export const triggerEdges = ['rising', 'falling', 'either'] as const
export type TriggerEdge = (typeof triggerEdges)[number]

/** A trigger is looked for at so many samples at most, and its hold-off is at most as long. */
export const maxTriggerSamples = 262_144

/** Which sample of a window of so many the trigger is at: there is always one before it, since the crossing lies between both. */
export function triggerSample(position: number, samples: number): number {
  return Math.min(samples - 1, Math.max(1, Math.round(position * samples)))
}
