// The log, searched by whoever may see what it says. Each sees their own events; who sees more is said by whoever knows people.

import type { AuditEventEntry, AuditPartKind, AuditQuery } from '../contract/audit.ts'
import type { Database } from '../plugins/database/database.ts'
import { findEvents } from './audit-search-store.ts'
import { readParts, type StoredPart } from './audit-store.ts'

/** What somebody may see of the log. */
export interface AuditSight {
  /** Whose events and personal data they see in any case. */
  person: string
  /** The events of all. */
  all: boolean
  /** Parts of these kinds, whoever they are of. */
  parts: readonly AuditPartKind[]
}

export interface AuditSearchParts {
  database: Database
  /** The present names of people, by their id. */
  namesOf: (ids: string[]) => Promise<Map<string, string>>
  /** Whose DMA session this is; null where there is none. */
  ownerOf: (session: string) => Promise<string | null>
}

export class AuditSearch {
  constructor(private readonly parts: AuditSearchParts) {}

  /** Newest first. `next` is the sequence number to go on from. */
  async find(
    query: AuditQuery,
    sight: AuditSight,
  ): Promise<{ items: AuditEventEntry[]; next: string | null }> {
    const { limit, cursor, person, board, session, type, from, to } = query
    const { database, namesOf } = this.parts
    const seesAll = sight.all || (session !== undefined && (await this.#owns(sight, session)))
    if (!seesAll && person !== undefined && person !== sight.person) {
      return { items: [], next: null }
    }
    const found = await findEvents(database.reader, {
      ...{ board, session, type, before: cursor, take: limit + 1 },
      actor: seesAll ? person : sight.person,
      from: from === undefined ? undefined : new Date(from),
      to: to === undefined ? undefined : new Date(to),
    })
    const shown = found.slice(0, limit)
    const events = shown.map(({ payload }) => JSON.parse(payload) as Payload)
    const stored = await readParts(
      database.reader,
      shown.map(({ seq }) => seq),
    )
    const names = await namesOf([...new Set(events.map(({ actor }) => actor))])
    const items = events.map((event) => entryOf(event, { names, stored, sight }))
    return { items, next: found.length > limit ? String(shown.at(-1)?.seq) : null }
  }

  async #owns({ person }: AuditSight, session: string): Promise<boolean> {
    return (await this.parts.ownerOf(session)) === person
  }
}

/** What a payload says, of any version. */
interface Payload {
  seq: number
  at: string
  type: string
  actor: string
  board?: string
  session?: string
  request?: string
  detail?: Record<string, unknown>
  parts?: { kind: AuditPartKind; of: string | null }[]
}

interface Beside {
  names: Map<string, string>
  stored: StoredPart[]
  sight: AuditSight
}

function entryOf(event: Payload, { names, stored, sight }: Beside): AuditEventEntry {
  const { seq, at, type, actor, board, session, request, detail, parts = [] } = event
  return {
    ...{ seq, at, type, actor, actorName: names.get(actor) ?? null },
    ...{ board: board ?? null, session: session ?? null, request: request ?? null },
    detail: detail ?? {},
    parts: parts.map(({ kind, of }, n) => {
      const text = stored.find((part) => part.seq === seq && part.n === n)?.text
      const visible = sight.parts.includes(kind) || (kind === 'personal' && of === sight.person)
      return { kind, of, value: visible && text !== undefined ? JSON.parse(text) : null }
    }),
  }
}
