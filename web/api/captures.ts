// The HTTP API of captures, one function for each route. Failures are ApiProblem.

import type {
  Capture,
  CaptureChange,
  CapturePage,
  DataQuery,
  DifferenceQuery,
  Differences,
  NewCapture,
  Replay,
  UploadQuery,
} from '../../server/contract/capture.ts'
import { query } from './http.ts'
import { at, change, get, post, prefix, remove, sendFile } from './requests.ts'

export interface CaptureFilter {
  board?: string
  session?: string
  limit?: number
  cursor?: string
}

export const listCaptures = (filter: CaptureFilter) =>
  get<CapturePage>(`/captures?${query(filter)}`)
export const listSessionCaptures = (session: string) =>
  get<CapturePage>(`/dma-sessions/${at(session)}/captures`)
export const takeCapture = (session: string, body: Partial<NewCapture>) =>
  post<Capture>(`/dma-sessions/${at(session)}/captures`, body)
export const changeCapture = (id: string, body: CaptureChange) =>
  change<Capture>(`/captures/${at(id)}`, body)
export const uploadCapture = (file: Blob, as: UploadQuery, onsent: (share: number) => void) =>
  sendFile<Capture>(`/captures/data?${query(as)}`, file, onsent)
export const replayCapture = (id: string, into: Replay) =>
  post<void>(`/captures/${at(id)}/replay`, into)
export const compareCapture = (id: string, asked: Partial<DifferenceQuery>) =>
  get<Differences>(`/captures/${at(id)}/differences?${query(asked)}`)
export const deleteCapture = (id: string) => remove(`/captures/${at(id)}`)

/** Where the browser itself fetches the bytes, or the samples in another format. */
export function captureDataPath(id: string, as: Partial<DataQuery> = {}): string {
  const path = `${prefix}/captures/${at(id)}/data`
  return Object.keys(as).length === 0 ? path : `${path}?${query(as)}`
}
