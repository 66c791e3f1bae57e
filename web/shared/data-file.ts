// What a download is asked for by, and what cannot be asked for.

import type { Capture, DataQuery } from '../../server/contract/capture.ts'
import type { SampleFormat } from '../../server/contract/samples.ts'

export const fileFormats: { value: DataQuery['format']; words: string }[] = [
  { value: 'npy', words: 'NumPy array (.npy)' },
  { value: 'csv', words: 'Table (.csv)' },
  { value: 'wav', words: 'Audio (.wav)' },
  { value: 'bin', words: 'Bytes as they are (.bin)' },
]

interface Wanted {
  format: DataQuery['format']
  sample: SampleFormat
  /** As typed. */
  channels: string
  sampleRate: string
}

export const wholeNumber = (text: string, most: number): boolean =>
  /^\d{1,9}$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= most

/** The query, or null with what is in the way where that is not seen at a field. */
export function dataQuery(
  { format, sample, channels, sampleRate }: Wanted,
  known: Capture['provenance']['sample'],
): { query: Partial<DataQuery> | null; fault?: string } {
  if (format === 'bin') return { query: { format } }
  if (!wholeNumber(channels, 64)) return { query: null }
  const rate = sampleRate.trim()
  const isRate = Number(rate) > 0 && Number.isFinite(Number(rate))
  if (rate !== '' && !isRate)
    return { query: null, fault: 'Frames per second is a number above 0.' }
  if (format === 'wav') {
    const isByte = sample === 'i8' || sample === 'u8'
    if (isByte ? sample === 'i8' : sample.startsWith('u')) {
      return { query: null, fault: `A WAV cannot hold ${sample} as it is. Take .npy or .csv.` }
    }
    if (!wholeNumber(rate, 999_999_999)) {
      return { query: null, fault: 'A WAV needs a whole number of frames per second.' }
    }
  }
  const isAsDelivered = known?.format === sample && known.channels === Number(channels)
  return {
    query: {
      ...{ format, sample, channels: Number(channels) },
      ...(isAsDelivered ? { stride: known.stride } : {}),
      ...(rate === '' ? {} : { sampleRate: Number(rate) }),
    },
  }
}
