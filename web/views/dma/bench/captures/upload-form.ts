// What is said of a file that becomes a capture, as somebody fills it in. Pure.

import type { UploadQuery } from '../../../../../server/contract/capture.ts'
import { captureNoteLimits, maxUploadByteLength } from '../../../../../server/contract/limits.ts'
import type { DataFileFormat, SampleFormat } from '../../../../../server/contract/samples.ts'
import { dataFileFormats } from '../../../../../server/contract/samples.ts'
import { wholeNumber } from '../../../../shared/data-file.ts'
import { formatBytes } from '../../../../shared/format.ts'

export interface UploadForm {
  name: string
  format: DataFileFormat
  /** Empty: as the file says, or not known. */
  sample: SampleFormat | ''
  channels: string
  sampleRate: string
}

/** What its name says that it is; bytes where that says nothing. */
export function formFor(fileName: string): UploadForm {
  const [, base = fileName, ending = ''] = /^(.+)\.(\w+)$/.exec(fileName) ?? []
  const format = dataFileFormats.find((one) => one === ending.toLowerCase()) ?? 'bin'
  const name = base.slice(0, captureNoteLimits.name)
  return { name, format, sample: '', channels: '1', sampleRate: '' }
}

/** What can be said of samples that a file of this format does not say itself. */
export function asksFor({ format, sample }: Pick<UploadForm, 'format' | 'sample'>) {
  const isSampled = format === 'npy' || format === 'csv' || (format === 'bin' && sample !== '')
  return {
    sample: format === 'bin' || format === 'csv',
    channels: format === 'bin' && sample !== '',
    sampleRate: isSampled,
  }
}

/** The query, or null with what is in the way. */
export function uploadQuery(
  form: UploadForm,
  { board, file }: { board: string; file: { name: string; size: number } },
): { query: UploadQuery | null; fault?: string } {
  const { sample, channels, sampleRate } = asksFor(form)
  const rate = form.sampleRate.trim()
  if (file.size === 0) return { query: null, fault: 'The file is empty.' }
  if (file.size > maxUploadByteLength) {
    return { query: null, fault: `A file has at most ${formatBytes(maxUploadByteLength)}.` }
  }
  if (channels && !wholeNumber(form.channels, 64)) {
    return { query: null, fault: 'There are 1 to 64 channels.' }
  }
  if (sampleRate && rate !== '' && !(Number(rate) > 0 && Number.isFinite(Number(rate)))) {
    return { query: null, fault: 'Frames per second is a number above 0.' }
  }
  return {
    query: {
      ...{ board, format: form.format, name: form.name.trim(), file: file.name.slice(0, 200) },
      ...(sample && form.sample ? { sample: form.sample } : {}),
      ...(channels ? { channels: Number(form.channels) } : {}),
      ...(sampleRate && rate ? { sampleRate: Number(rate) } : {}),
    },
  }
}
