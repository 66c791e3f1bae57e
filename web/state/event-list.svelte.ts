// Events of the record, newest first, page by page, with a filter.

import type { AuditEventEntry } from '../../server/contract/audit.ts'
import { type EventFilter, listEvents } from '../api/audit.ts'
import { Pages } from './pages.svelte.ts'

export class EventList extends Pages<AuditEventEntry, EventFilter> {
  constructor() {
    super(listEvents)
  }
}
