// DMA sessions, newest first, page by page, with a filter.

import type { DmaSessionSummary } from '../../server/contract/dma-session.ts'
import { listSessions, type SessionFilter } from '../api/http.ts'
import { Pages } from './pages.svelte.ts'

export class SessionList extends Pages<DmaSessionSummary, SessionFilter> {
  constructor() {
    super(listSessions)
  }
}
