// The HTTP API of boards and DMA sessions, one function for each route. Failures are ApiProblem.

import type { RegisterOperation } from '../../server/contract/board.ts'
import type { DataSearchRequest, DataSearchResult } from '../../server/contract/data-search.ts'
import type {
  DmaSession,
  DmaSessionSummary,
  FillRequest,
  LockRequest,
  SessionEndReason,
  SessionState,
  Transfer,
  TransferRequest,
  Verification,
  VerifyRequest,
} from '../../server/contract/dma-session.ts'
import type { DoctorReport } from '../../server/contract/doctor.ts'
import type { Lease } from '../../server/contract/lease.ts'
import type { BoardDetail, BoardSummary, ServerHealth } from '../../server/contract/overview.ts'
import type { Webhook } from '../../server/contract/webhook.ts'
import { at, get, post, prefix, send } from './requests.ts'

export interface Listing<T> {
  items: T[]
  next: string | null
}

export interface SessionFilter {
  board?: string
  state?: SessionState
  owner?: string
  endReason?: SessionEndReason
  label?: string
  from?: string
  to?: string
  limit?: number
  cursor?: string
}

/** A filter as the query of an address, without what is not given. */
export function query(filter: object): string {
  const pairs = Object.entries(filter).filter(([, value]) => value !== undefined && value !== '')
  return new URLSearchParams(pairs.map(([key, value]) => [key, String(value)])).toString()
}

export const getHealth = () => get<ServerHealth>('/health')

export const listBoards = () => get<Listing<BoardSummary>>('/boards')
export const getBoard = (board: string) => get<BoardDetail>(`/boards/${at(board)}`)
export const takeLease = (board: string) => post<Lease>(`/boards/${at(board)}/lease`)
export const releaseLease = (lease: string) => post<Lease>(`/leases/${at(lease)}/release`)
export const lockMemory = (board: string, request: LockRequest) =>
  post<DmaSession>(`/boards/${at(board)}/locks`, request)
export const operateRegisters = (board: string, operations: RegisterOperation[]) =>
  post<{ values: string[] }>(`/boards/${at(board)}/register-operations`, { operations })

export const clearQuarantine = (board: string, reason: string) =>
  post<null>(`/boards/${at(board)}/clear-quarantine`, { reason })

/** These two only begin: what comes of it shows on the board. */
export const checkHealth = (board: string) => post<null>(`/boards/${at(board)}/health-check`)
export const resetBoard = (board: string) => post<null>(`/boards/${at(board)}/reset`)

export const getDoctorReport = () => get<DoctorReport>('/doctor')
export const acceptClock = () => post<void>('/clock/accept')
export const listWebhooks = () => get<Listing<Webhook>>('/webhooks')

export const listSessions = (filter: SessionFilter) =>
  get<Listing<DmaSessionSummary>>(`/dma-sessions?${query(filter)}`)
export const getSession = (session: string) => get<DmaSession>(`/dma-sessions/${at(session)}`)
export const unlock = (session: string) => post<DmaSession>(`/dma-sessions/${at(session)}/unlock`)
export const fill = (session: string, request: FillRequest) =>
  post<void>(`/dma-sessions/${at(session)}/fill`, request)
export const startTransfer = (session: string, request: TransferRequest) =>
  post<Transfer>(`/dma-sessions/${at(session)}/transfers`, request)
export const verify = (session: string, request: VerifyRequest) =>
  post<Verification>(`/dma-sessions/${at(session)}/verify`, request)
export const stopTransfer = (session: string, n: number) =>
  post<Transfer>(`/dma-sessions/${at(session)}/transfers/${n}/stop`)

export const dataPath = (session: string) => `${prefix}/dma-sessions/${at(session)}/data`

/** Bytes of a lock's memory, at most `maxDataByteLength` of them. */
export async function readData(session: string, offset: number, byteLength: number): Promise<Blob> {
  const range = `bytes=${offset}-${offset + byteLength - 1}`
  return (await send(`/dma-sessions/${at(session)}/data`, { headers: { range } })).blob()
}

export async function writeData(session: string, offset: number, bytes: Uint8Array): Promise<void> {
  await send(`/dma-sessions/${at(session)}/data?offset=${offset}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body: new Uint8Array(bytes),
  })
}

export const searchData = (session: string, request: Partial<DataSearchRequest>) =>
  post<DataSearchResult>(`/dma-sessions/${at(session)}/search`, request)
