// The HTTP API of captures, one function for each route. Failures are ApiProblem.

import type { Capture, CapturePage, DataQuery, NewCapture } from '../../server/contract/capture.ts'
import { query } from './http.ts'
import { at, get, post, prefix, remove } from './requests.ts'

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
export const deleteCapture = (id: string) => remove(`/captures/${at(id)}`)

/** Where the browser itself fetches the bytes, or the samples in another format. */
export function captureDataPath(id: string, as: Partial<DataQuery> = {}): string {
  const path = `${prefix}/captures/${at(id)}/data`
  return Object.keys(as).length === 0 ? path : `${path}?${query(as)}`
}
