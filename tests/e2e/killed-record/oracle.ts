// After a restart: is what was acknowledged in the log and in the state, was everything asked for that is there, and is nothing live?

import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { Frontier } from '../../../server/audit/merkle.ts'
import { checkEverythingEnded, checkLog, type RecordedEvent } from '../../support/whole-record.ts'
import { type Ledger, operationOf } from './ledger.ts'

interface State {
  sessions: Map<string, { state: string; endReason: string | null }>
  transfers: { running: number; total: number }
  bookings: Map<string, string>
  leases: Map<string, string>
}

export class Oracle {
  /** What was found wrong, for people. */
  readonly complaints: string[] = []
  readonly figures = { lost: 0, invented: 0, acknowledged: 0, orphaned: 0, events: 0 }
  readonly #tree = new Frontier()
  readonly #events: RecordedEvent[] = []
  readonly #operations = new Set<string>()

  constructor(
    private readonly dataFolder: string,
    private readonly ledger: Ledger,
  ) {}

  /** Looks at a lab that was started and that nobody has asked anything yet. */
  look(): { ending: number } {
    const database = new SqliteDatabase(join(this.dataFolder, 'pinlab.db'), { readonly: true })
    try {
      return database.transaction(() => this.#look(database))()
    } finally {
      database.close()
    }
  }

  #look(database: SqliteDatabase.Database): { ending: number } {
    const rows = (sql: string, ...values: unknown[]) =>
      database.prepare(sql).all(...values) as never
    const size = this.#tree.size
    const news = checkLog(
      {
        events: rows(
          'SELECT seq, payload, leafHash FROM AuditEvent WHERE seq > ? ORDER BY seq',
          size,
        ),
        checkpoints: rows('SELECT size, note FROM AuditCheckpoint WHERE size > ?', size),
        keys: rows('SELECT key FROM AuditKey ORDER BY id'),
        tree: database.prepare('SELECT size, frontier FROM AuditTree').get() as never,
      },
      this.#tree,
    )
    this.#events.push(...news)
    this.#compareOperations(news)
    checkEverythingEnded(this.#events)
    const state = stateIn(database)
    this.#compareState(state)
    return { ending: [...state.leases.values()].filter((one) => one === 'ending').length }
  }

  #compareOperations(news: readonly RecordedEvent[]): void {
    const { asked, acknowledged } = this.ledger
    for (const event of news) {
      const name = operationOf(event)
      if (name === null) continue
      if (!asked.has(name)) this.#complain('invented', `nobody asked for: ${name}`)
      if (this.#operations.has(name)) this.#complain('invented', `is there twice: ${name}`)
      this.#operations.add(name)
    }
    const taken = new Set(this.#of('lease.started').map(({ detail }) => detail?.lease))
    const takes = [...asked].filter((name) => name.startsWith('take ')).length
    if (taken.size > takes) this.#complain('invented', 'a lease that nobody took')
    for (const [name, id] of acknowledged) {
      const isThere = name.startsWith('take ') ? taken.has(id) : this.#operations.has(name)
      if (!isThere) this.#complain('lost', `acknowledged, and not in the log: ${name}`)
    }
    this.figures.acknowledged = acknowledged.size
    this.figures.orphaned = this.#of('dma.lock.orphaned').length
    this.figures.events = this.#events.length
  }

  #compareState({ sessions, transfers, bookings, leases }: State): void {
    const { asked, acknowledged } = this.ledger
    const live = [...sessions.values()].filter(({ state }) =>
      ['requested', 'locked'].includes(state),
    )
    if (live.length > 0) this.complaints.push(`${live.length} sessions are live after a restart`)
    if (transfers.running > 0) this.complaints.push(`${transfers.running} transfers run`)
    if (transfers.total !== this.#of('dma.transfer.requested').length) {
      this.complaints.push('the table has not the transfers of the log')
    }
    if (sessions.size !== this.#of('dma.lock.requested').length) {
      this.complaints.push('the table has not the sessions of the log')
    }
    for (const [name, id] of acknowledged) {
      const [kind, of = ''] = name.split(' ')
      if (kind === 'lock' && !this.#isAccountedFor(id, sessions.get(id))) {
        this.#complain('lost', `the session of ${name} is ${JSON.stringify(sessions.get(id))}`)
      } else if (kind === 'book' && !bookings.has(id)) this.#complain('lost', `no row: ${name}`)
      else if (kind === 'book' && bookings.get(id) !== 'confirmed' && !asked.has(`cancel ${id}`)) {
        this.#complain('lost', `${name} is ${bookings.get(id)}`)
      } else if (kind === 'cancel' && bookings.get(of) !== 'cancelled') {
        this.#complain('lost', `${name} is ${bookings.get(of)}`)
      } else if (kind === 'take' && !leases.has(id)) this.#complain('lost', `no row: ${name}`)
      else if (kind === 'release' && leases.get(of) === 'active') {
        this.#complain('lost', `${name} goes on`)
      }
    }
  }

  /** Of a lock that was acknowledged: unlocked if that was, else ended by whoever may have. */
  #isAccountedFor(id: string, session?: { state: string; endReason: string | null }): boolean {
    if (session?.state !== 'ended') return false
    const { asked, acknowledged } = this.ledger
    if (acknowledged.has(`unlock ${id}`)) return session.endReason === 'unlocked'
    if (session.endReason === 'unlocked') return asked.has(`unlock ${id}`)
    return ['host-restarted', 'lease-ended'].includes(session.endReason ?? '')
  }

  #of(type: string): RecordedEvent[] {
    return this.#events.filter((event) => event.type === type)
  }

  #complain(what: 'lost' | 'invented', complaint: string): void {
    this.figures[what] += 1
    this.complaints.push(complaint)
  }
}

function stateIn(database: SqliteDatabase.Database): State {
  const rows = <T>(sql: string) => database.prepare(sql).all() as T[]
  const byId = (sql: string) =>
    new Map(rows<{ id: string; state: string }>(sql).map(({ id, state }) => [id, state]))
  const sessions = rows<{ id: string; state: string; endReason: string | null }>(
    'SELECT id, state, endReason FROM DmaSession',
  )
  const transfers = rows<{ state: string }>('SELECT state FROM Transfer')
  return {
    sessions: new Map(sessions.map(({ id, ...session }) => [id, session])),
    transfers: {
      running: transfers.filter(({ state }) => state === 'running').length,
      total: transfers.length,
    },
    bookings: byId('SELECT id, state FROM Booking'),
    leases: byId('SELECT id, state FROM Lease'),
  }
}
