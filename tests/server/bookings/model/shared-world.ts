// A real server and the model beside it, which are asked the same.

import { expect } from 'vitest'
import { type FairLab, minute, openFairLab } from '../../../support/fair-lab.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { type FrailBoard, frailBoard } from '../../../support/frail-board.ts'
import { type AtEnd, temporaryFolder } from '../../../support/temporary-folder.ts'
import type { Answer } from '../../../support/test-lab.ts'
import { CalendarModel, type ModelBooking, type Outcome, rules } from './calendar-model.ts'
import { checkCalendar } from './check-calendar.ts'

export const boardIds = ['sim0', 'sim1']
const peopleCount = 4

/** Everything that both must agree about, in words. */
type Standing = Record<'boards' | 'leases' | 'bookings' | 'queue', string[]>

export class SharedWorld {
  readonly model = new CalendarModel(boardIds)
  readonly #clock = new FakeClock()
  readonly #start = this.#clock.now()
  readonly #ends: (() => unknown)[] = []
  readonly #folder = temporaryFolder(this.#atEnd())
  readonly #boards: FrailBoard[] = boardIds.map(frailBoard)
  keeper!: FairLab
  people: FairLab[] = []

  static async open(): Promise<SharedWorld> {
    const world = new SharedWorld()
    await world.#openLab()
    for (let n = 0; n < peopleCount; n++) world.people.push(await world.keeper.person())
    await world.keeper.setPolicy({
      defaultMinutes: rules.default,
      longestMinutes: rules.longest,
      concurrentBookings: rules.concurrent,
      weeklyHours: 168,
    })
    return world
  }

  async end(): Promise<void> {
    for (const end of this.#ends.reverse()) await end()
  }

  person(n: number): FairLab {
    const person = this.people[n]
    if (!person) throw new Error(`there is no person ${n}`)
    return person
  }

  break(id: string): void {
    this.#board(id).isBroken = true
    this.model.break(id)
  }

  repair(id: string): void {
    this.#board(id).isBroken = false
  }

  async restart(): Promise<void> {
    // Switched off and on, a board that nobody has found broken yet is well again.
    for (const id of boardIds) {
      if (this.model.board(id).state === 'quarantined') continue
      this.repair(id)
      this.model.board(id).isBroken = false
    }
    await this.#ends.pop()?.()
    await this.#openLab()
  }

  async pass(minutes: number): Promise<void> {
    for (let passed = 0; passed < minutes; passed++) {
      await this.#clock.advance(minute)
      await this.#quiet()
      this.model.pass()
    }
  }

  /** The answer is what the model says, and afterwards both agree about everything. */
  async compare(answer: Answer<unknown>, expected: Outcome): Promise<void> {
    const outcome = answer.status < 300 ? 'ok' : answer.body.code
    expect([answer.status < 500, outcome]).toEqual([true, expected])
    await this.agree()
  }

  async agree(): Promise<void> {
    await this.#quiet()
    this.model.settle()
    expect(await this.#seen()).toEqual(this.#expected())
    await this.keeper.lab.database.write(checkCalendar)
  }

  at(minutes: number): string {
    return new Date(this.#start + minutes * minute).toISOString()
  }

  async #openLab(): Promise<void> {
    const ends: (() => unknown)[] = []
    const boards = this.#boards.map(({ config }) => config)
    const options = { boards, dataFolder: this.#folder, clock: this.#clock }
    const lab = await openFairLab(options, (end) => ends.unshift(end))
    this.#ends.push(async () => {
      for (const end of ends) await end()
    })
    this.people = this.people.map((person) => lab.as(person.lab.person))
    if (this.keeper) this.keeper = lab.as(this.keeper.lab.person)
    else this.keeper = lab
  }

  /** Until nothing happens any more at this time. */
  async #quiet(): Promise<void> {
    for (let before = ''; ; ) {
      await this.#cleared()
      const now = JSON.stringify(await this.#seen())
      if (now === before) return
      before = now
      await this.#clock.tick()
      // What the tick began by an event has its turn before this.
      await this.keeper.lab.database.write(async () => {})
    }
  }

  async #cleared(): Promise<void> {
    const { reader } = this.keeper.lab.database
    while ((await reader.board.count({ where: { state: 'clearing' } })) > 0) {
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }

  async #seen(): Promise<Standing> {
    const { reader } = this.keeper.lab.database
    const minutes = (at: Date) => (at.getTime() - this.#start) / minute
    const person = (id: string) => this.people.findIndex((one) => one.id === id)
    const boards = await reader.board.findMany({ orderBy: { id: 'asc' } })
    const leases = await reader.lease.findMany({ where: { activeBoard: { not: null } } })
    const bookings = await reader.booking.findMany({
      where: { state: { in: ['held', 'confirmed'] } },
    })
    const line = await reader.queueEntry.findMany({
      where: { state: { not: 'ended' } },
      orderBy: { id: 'asc' },
    })
    return {
      boards: boards.map(({ id, state }) => `${id} ${state}`),
      leases: leases
        .map(({ board, holder, endsAt }) => `${board} ${person(holder)} -${minutes(endsAt)}`)
        .sort(),
      bookings: bookings
        .map(({ board, kind, owner, start, end, state }) => {
          const who = kind === 'maintenance' ? kind : person(owner)
          return `${board} ${who} ${minutes(start)}-${minutes(end)} ${state}`
        })
        .sort(),
      queue: line.map((entry) => `${entry.board} ${person(entry.person)} ${entry.state}`),
    }
  }

  #expected(): Standing {
    const { boards, bookings, queue } = this.model
    const all = [...boards]
    const line = (one: ModelBooking) =>
      `${one.board} ${one.owner} ${one.start}-${one.end} ${one.state}`
    return {
      boards: all.map(([id, { state }]) => `${id} ${state}`),
      leases: all
        .flatMap(([id, { lease }]) => (lease ? [`${id} ${lease.holder} -${lease.endsAt}`] : []))
        .sort(),
      bookings: bookings.map(line).sort(),
      queue: queue.map((one) => `${one.board} ${one.person} ${one.offer ? 'offered' : 'waiting'}`),
    }
  }

  #board(id: string): FrailBoard {
    const board = this.#boards.find(({ config }) => config.id === id)
    if (!board) throw new Error(`there is no board ${id}`)
    return board
  }

  #atEnd(): AtEnd {
    return (end) => this.#ends.push(end)
  }
}
