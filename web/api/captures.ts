// The HTTP API of captures, one function for each route. Failures are ApiProblem.

import type { Capture, CapturePage, NewCapture } from '../../server/contract/capture.ts'
import { at, get, post, prefix, remove } from './requests.ts'

export interface CaptureFilter {
  board?: string
  session?: string
  limit?: number
  cursor?: string
}

/** Newest first. */
export function listCaptures(query: CaptureFilter): Promise<CapturePage> {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const search = new URLSearchParams(pairs.map(([key, value]) => [key, String(value)]))
  return get<CapturePage>(`/captures?${search}`)
}

export const listSessionCaptures = (session: string) =>
  get<CapturePage>(`/dma-sessions/${at(session)}/captures`)
export const takeCapture = (session: string, body: Partial<NewCapture>) =>
  post<Capture>(`/dma-sessions/${at(session)}/captures`, body)
export const deleteCapture = (id: string) => remove(`/captures/${at(id)}`)
export const captureDataPath = (id: string) => `${prefix}/captures/${at(id)}/data`
