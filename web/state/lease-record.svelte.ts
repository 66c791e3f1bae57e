// What happened on a board during one lease: its DMA sessions and their transfers, from HTTP first, then from events as they come.

import { SvelteMap } from 'svelte/reactivity'
import type {
  DmaPage,
  DmaSession,
  DmaSessionSummary,
  Transfer,
  Verification,
} from '../../server/contract/dma-session.ts'
import { getSession, listSessions } from '../api/http.ts'
import { account } from './account.svelte.ts'
import { ChannelFigures } from './channel-figures.ts'
import { clock } from './clock.svelte.ts'

export interface RecordedTransfer {
  session: string
  transfer: Transfer
}

/** A lease has few locks; older ones are on the sessions screen. */
const sessionsRead = 20

export class LeaseRecord {
  readonly sessions = new SvelteMap<string, DmaSession | DmaSessionSummary>()
  readonly #transfers = new SvelteMap<string, RecordedTransfer>()
  readonly #verifications = new SvelteMap<string, Verification>()
  readonly #figures = new ChannelFigures()

  /** Newest first. */
  readonly transfers = $derived(
    [...this.#transfers.values()].sort((a, b) =>
      b.transfer.startedAt.localeCompare(a.transfer.startedAt),
    ),
  )
  readonly running = $derived(this.transfers.filter(({ transfer }) => transfer.state === 'running'))

  clear(): void {
    this.sessions.clear()
    this.#transfers.clear()
    this.#verifications.clear()
    this.#figures.clear()
  }

  async read(board: string, lease: string): Promise<void> {
    const { items } = await listSessions({ board, limit: sessionsRead })
    const ofLease = items.filter((session) => session.lease === lease)
    for (const session of await Promise.all(ofLease.map(({ id }) => getSession(id)))) {
      this.addSession(session)
    }
  }

  /** The status names the live locks: one that it no longer names has ended, and is read once more for how. */
  async follow(live: DmaSessionSummary[], lease: string | null): Promise<void> {
    const names = new Set(live.map(({ id }) => id))
    for (const session of live) if (session.lease === lease) this.addSession(session)
    const gone = [...this.sessions.values()].filter(
      ({ id, state }) => !names.has(id) && (state === 'locked' || state === 'requested'),
    )
    for (const { id, owner } of gone) {
      // How another's lock ended is not for everybody.
      if (!account.mayRead({ owner })) {
        this.sessions.delete(id)
        continue
      }
      const session = await getSession(id).catch(() => null)
      // The record may be of another lease by now.
      if (session && this.sessions.has(id)) this.addSession(session)
    }
  }

  find(session: string, n: number): Transfer | null {
    return this.#transfers.get(`${session}/${n}`)?.transfer ?? null
  }

  pagesOf(session: string): DmaPage[] {
    const known = this.sessions.get(session)
    return known && 'pages' in known ? known.pages : []
  }

  addSession(session: DmaSession | DmaSessionSummary): void {
    const known = this.sessions.get(session.id)
    // A summary comes without pages; they do not change while a lock lives.
    const whole = known && 'pages' in known && !('pages' in session)
    this.sessions.set(session.id, whole ? { ...session, pages: known.pages } : session)
    for (const transfer of session.transfers) this.addTransfer(session.id, transfer)
  }

  addTransfer(session: string, transfer: Transfer): void {
    const key = keyOf(session, transfer)
    // Answers and events overtake each other: what has ended stays ended, and counts never go back.
    const known = this.#transfers.get(key)?.transfer
    if (known && isOlder(transfer, known)) return
    this.#transfers.set(key, { session, transfer })
    this.#figures.add(key, transfer, { now: clock.read(), known })
  }

  /** Belongs to both of its transfers. */
  addVerification(session: string, found: Verification): void {
    for (const transfer of [found.out, found.in]) {
      this.addTransfer(session, transfer)
      this.#verifications.set(keyOf(session, transfer), found)
    }
  }

  verification({ session, transfer }: RecordedTransfer): Verification | null {
    return this.#verifications.get(keyOf(session, transfer)) ?? null
  }

  /** Bytes per second now; null if it cannot be told. Read it where `clock.now` or the transfer is read, too. */
  rate({ session, transfer }: RecordedTransfer): number | null {
    return this.#figures.rate(keyOf(session, transfer), clock.now)
  }

  /** Ms since its count was seen to grow; null before that. To be read as `rate`. */
  sinceGrowth({ session, transfer }: RecordedTransfer): number | null {
    return this.#figures.sinceGrowth(keyOf(session, transfer), clock.now)
  }

  /** Bytes per second of a channel in each of the last seconds; it grows on with the clock. */
  throughput(channel: string): { seconds: number[]; rates: number[] } {
    return this.#figures.throughput(channel).series(clock.now)
  }
}

const keyOf = (session: string, { n }: Transfer) => `${session}/${n}`

function isOlder(transfer: Transfer, known: Transfer): boolean {
  if (known.state !== 'running') return transfer.state === 'running'
  return transfer.state === 'running' && transfer.bytesCompleted < known.bytesCompleted
}
