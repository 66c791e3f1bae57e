// A lab that several people share: what they ask for, in short.

import { expect } from 'vitest'
import type { Booking, NewBooking, Policy, QueueEntry } from '../../server/contract/booking.ts'
import type { Role } from '../../server/contract/identity.ts'
import type { Lease } from '../../server/contract/lease.ts'
import type { BoardDetail, BoardStatus } from '../../server/contract/overview.ts'
import { addTestPerson, type TestPerson } from './people.ts'
import type { AtEnd } from './temporary-folder.ts'
import { digitizer, type LabOptions, openLab, type TestLab } from './test-lab.ts'

export const minute = 60_000
export const hour = 60 * minute

/** Boards that cost little to open: nothing is moved on them. */
export const smallBoard = (id: string, tags: string[] = []) => ({
  ...digitizer,
  id,
  name: id,
  tags,
  config: { h2c: ['memory' as const], c2h: ['memory' as const], memoryMiB: 1, fragmentation: 0 },
})

export class FairLab {
  constructor(readonly lab: TestLab) {}

  get clock() {
    return this.lab.clock
  }

  /** The same lab, asked by a new person. */
  async person(role: Role = 'operator'): Promise<FairLab> {
    return this.as(await addTestPerson(this.lab.database, role))
  }

  as(person: TestPerson): FairLab {
    return new FairLab(this.lab.as(person))
  }

  get id(): string {
    return this.lab.person.id
  }

  /** So many minutes from the clock's beginning, 14:00 on a Monday. */
  at(minutes: number): string {
    return new Date(start + minutes * minute).toISOString()
  }

  book(from: number, to: number, more: Partial<NewBooking> = {}) {
    const body = { board: 'sim0', start: this.at(from), end: this.at(to), ...more }
    return this.lab.post<Booking>('/bookings', body)
  }

  take(board = 'sim0') {
    return this.lab.post<Lease>(`/boards/${board}/lease`)
  }

  release(lease: { id: string }) {
    return this.lab.post<Lease>(`/leases/${lease.id}/release`)
  }

  join(board = 'sim0') {
    return this.lab.post<QueueEntry>(`/boards/${board}/queue`)
  }

  async booking(id: string): Promise<Booking> {
    return (await this.lab.get<Booking>(`/bookings/${id}`)).body
  }

  async calendar(query = ''): Promise<Booking[]> {
    return (await this.lab.get<{ items: Booking[] }>(`/bookings?limit=200${query}`)).body.items
  }

  async queue(board = 'sim0'): Promise<QueueEntry[]> {
    return (await this.lab.get<{ items: QueueEntry[] }>(`/boards/${board}/queue`)).body.items
  }

  async status(board = 'sim0'): Promise<BoardStatus> {
    return (await this.lab.get<BoardDetail>(`/boards/${board}`)).body.status
  }

  async setPolicy(change: object): Promise<void> {
    const { body } = await this.lab.get<Policy>('/policy')
    const answer = await this.lab.send('PATCH', '/policy', change, {
      'if-match': `"${body.version}"`,
    })
    if (answer.status !== 200) throw new Error(`the policy was refused: ${answer.body.detail}`)
  }

  /** Steps the clock by whole minutes, or so many ms, and lets the sweep see each step. */
  async pass(minutes: number, ms = 0): Promise<void> {
    for (let passed = 0; passed < minutes; passed++) await this.clock.advance(minute)
    if (ms > 0) await this.clock.advance(ms)
  }

  /** Waits for what runs by itself, such as the stopping sequence. */
  async until(state: BoardStatus['state'], board = 'sim0'): Promise<BoardStatus> {
    await expect.poll(async () => (await this.status(board)).state, { timeout: 20_000 }).toBe(state)
    return this.status(board)
  }
}

const start = Date.parse('2027-01-11T14:00:00Z')

/** `asked` by an administrator. */
export async function openFairLab(options: LabOptions = {}, atEnd?: AtEnd): Promise<FairLab> {
  return new FairLab(await openLab({ boards: [smallBoard('sim0')], ...options }, atEnd))
}
