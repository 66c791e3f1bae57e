// What is read of a file of samples.

import type { Capture } from '../../contract/capture.ts'
import type { SampleFormat } from '../../contract/samples.ts'

export type SampleFacts = NonNullable<Capture['provenance']['sample']>

/** What the sender says of the samples, where the file does not. */
export interface Hints {
  sample?: SampleFormat
  channels?: number
  sampleRate?: number
}

export interface SamplesRead {
  /** Null: only bytes. */
  sample: SampleFacts | null
  /** The samples side by side. Throws PINLAB_CAPTURE_FILE where the file turns out to be none. */
  pieces: AsyncIterable<Buffer>
}
