// Files of samples read back into memory: what sample-files.ts writes, and what other tools write of the same kinds.

import { type DataFileFormat, sampleByteLength } from '../../contract/samples.ts'
import { readCsv } from './csv.ts'
import type { FileBytes } from './file-bytes.ts'
import { readNpy } from './npy.ts'
import type { Hints, SampleFacts, SamplesRead } from './samples-read.ts'
import { readWav } from './wav.ts'

/** Throws PINLAB_CAPTURE_FILE, which says what is wrong and at which byte or line. */
export async function readSamples(
  format: DataFileFormat,
  file: FileBytes,
  hints: Hints,
): Promise<SamplesRead> {
  if (format === 'npy') return readNpy(file, hints)
  if (format === 'wav') return readWav(file)
  if (format === 'csv') return readCsv(file, hints)
  return { sample: factsOf(hints), pieces: file.rest() }
}

function factsOf({ sample, channels = 1, sampleRate }: Hints): SampleFacts | null {
  if (!sample) return null
  const stride = channels * sampleByteLength[sample]
  return { format: sample, channels, stride, sampleRate: sampleRate ?? null }
}
