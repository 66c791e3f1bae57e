// The HTTP API of the record and of the lab's use, one function for each route. Failures are ApiProblem.

import type { AuditEventEntry, CheckpointStatus } from '../../server/contract/audit.ts'
import type { NamedPerson } from '../../server/contract/identity.ts'
import type { Usage } from '../../server/contract/usage.ts'
import { type Listing, query } from './http.ts'
import { get, prefix } from './requests.ts'

export interface EventFilter {
  type?: string
  person?: string
  board?: string
  session?: string
  from?: string
  to?: string
  limit?: number
  cursor?: string
}

export interface UsageFilter {
  from: string
  to: string
  by: 'board' | 'person'
}

export const listEvents = (filter: EventFilter) =>
  get<Listing<AuditEventEntry>>(`/audit/events?${query(filter)}`)
export const getCheckpoint = () => get<CheckpointStatus>('/audit/checkpoint')
export const getUsage = (filter: UsageFilter) => get<Usage>(`/audit/usage?${query(filter)}`)
export const listNames = () => get<Listing<NamedPerson>>('/users/names')

export type ExportFormat = 'bundle' | 'jsonl' | 'csv'

/** What the browser saves as a file: of one session, or of the whole record. */
export const exportPath = (format: ExportFormat, session?: string) =>
  `${prefix}/audit/export?${query({ format, session })}`
