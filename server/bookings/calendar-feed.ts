// One's own bookings for one's own calendar program, at an address that is the secret.

import ical, { ICalEventStatus } from 'ical-generator'
import { record } from '../audit/audit.ts'
import type { Boards } from '../boards/boards.ts'
import type { Clock } from '../clock.ts'
import type { Booking, BookingState, CalendarFeed, CalendarFeedState } from '../contract/booking.ts'
import { PinlabError } from '../errors.ts'
import { Attempts, attemptLimits } from '../identity/attempts.ts'
import { readPerson } from '../identity/identity-store.ts'
import type { Asking } from '../identity/people.ts'
import type { Actor } from '../identity/permissions.ts'
import { hashOf, newSecret } from '../identity/secrets.ts'
import type { Database } from '../plugins/database/database.ts'
import {
  readFeed,
  readFeedBySecret,
  readShown,
  removeFeed,
  writeFeed,
} from './calendar-feed-store.ts'
import { minuteMs } from './slots.ts'

const shownMs = 90 * 24 * 60 * minuteMs
/** All calendar programs of a house may come from one address. */
const limits = { ...attemptLimits, address: { points: 120, duration: 60 } }

export class CalendarFeeds {
  readonly #attempts = new Attempts(limits)

  constructor(
    private readonly boards: Boards,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async state({ id }: Actor): Promise<CalendarFeedState> {
    const feed = await readFeed(this.database.reader, id)
    return { exists: feed !== null, createdAt: feed?.createdAt.toISOString() ?? null }
  }

  /** A new address; the one before it ends. It is told this once. */
  async make({ actor, request }: Asking): Promise<CalendarFeed> {
    const secret = newSecret()
    await this.database.write(async (tx) => {
      const createdAt = new Date(this.clock.now())
      await writeFeed(tx, { personId: actor.id, secretHash: hashOf(secret), createdAt })
      await record(tx, { type: 'calendar.made', actor: actor.id, request })
    })
    return { path: `/api/v1/calendars/${secret}.ics` }
  }

  async revoke({ actor, request }: Asking): Promise<void> {
    await this.database.write(async (tx) => {
      if (!(await removeFeed(tx, actor.id))) return
      await record(tx, { type: 'calendar.revoked', actor: actor.id, request })
    })
  }

  /** What a calendar program gets that asks from there. */
  async read(secret: string, address: string): Promise<string> {
    await this.#attempts.from(address)
    const feed = await readFeedBySecret(this.database.reader, hashOf(secret))
    const person = feed && (await readPerson(this.database.reader, feed.personId))
    if (!person || person.disabledAt) {
      throw new PinlabError(
        'PINLAB_CALENDAR_UNKNOWN',
        'This address was revoked or replaced by a newer one. Make one under Mine.',
      )
    }
    const now = this.clock.now()
    const shown = await readShown(this.database.reader, person.id, new Date(now - shownMs))
    const boards = await this.boards.describe()
    const names = new Map(boards.map(({ id, name }) => [id, name]))
    return calendarOf(person.name, shown, { names, now })
  }
}

const statuses: Record<BookingState, ICalEventStatus> = {
  held: ICalEventStatus.TENTATIVE,
  confirmed: ICalEventStatus.CONFIRMED,
  over: ICalEventStatus.CONFIRMED,
  missed: ICalEventStatus.CANCELLED,
  cancelled: ICalEventStatus.CANCELLED,
}

/** Times are UTC, which every program shows in its own timezone. */
function calendarOf(
  person: string,
  bookings: Booking[],
  { names, now }: { names: Map<string, string>; now: number },
): string {
  const calendar = ical({
    name: plain(`Pinlab: ${person}`),
    prodId: { company: 'Pinlab', product: 'Bookings', language: 'EN' },
  })
  for (const { id, board, start, end, note, state, version, createdAt, endDetail } of bookings) {
    calendar.createEvent({
      id: `${id}@pinlab`,
      sequence: version,
      status: statuses[state],
      start: new Date(start),
      end: new Date(end),
      created: new Date(createdAt),
      stamp: new Date(now),
      summary: names.get(board) ?? board,
      location: board,
      description: plain([note, endDetail].filter(Boolean).join('\n')),
    })
  }
  return calendar.toString()
}

/** Control characters may not stand in a calendar. */
const plain = (text: string) => text.replace(/[^\P{Cc}\n]/gu, ' ')
