// Random people, boards that break, restarts and the clock, against a simple model of the rules.

import fc from 'fast-check'
import { it } from 'vitest'
import type { Booking } from '../../../server/contract/booking.ts'
import { holds, propertyTimeoutMs, replayed } from '../../support/properties.ts'
import type { ModelBooking } from './model/calendar-model.ts'
import { boardIds, SharedWorld } from './model/shared-world.ts'

type Run = (world: SharedWorld) => Promise<void>

class Ask implements fc.AsyncCommand<SharedWorld, SharedWorld> {
  constructor(
    readonly text: string,
    readonly run: Run,
  ) {}
  check = () => true
  toString = () => this.text
}

const person = fc.nat({ max: 3 })
const board = fc.constantFrom(...boardIds)
const floor = (at: number) => Math.floor(at / 5) * 5

const book = fc
  .tuple(person, board, fc.nat({ max: 14 }), fc.integer({ min: 1, max: 13 }))
  .map(([who, id, from, slots]) => {
    const text = `book(${who}, ${id}, +${from * 5}, ${slots * 5})`
    return new Ask(text, async (world) => {
      const start = floor(world.model.now) + from * 5
      const end = start + slots * 5
      const body = { board: id, start: world.at(start), end: world.at(end) }
      const answer = await world.person(who).lab.post<Booking>('/bookings', body)
      await world.compare(answer, world.model.book(who, id, start, end))
    })
  })

const cancel = fc.tuple(person, fc.nat({ max: 5 })).map(
  ([who, n]) =>
    new Ask(`cancel(${who}, ${n})`, async (world) => {
      const own = world.model.bookings.filter(({ owner }) => owner === who)
      const booking = own[n % (own.length || 1)]
      if (!booking) return
      const id = await idOf(world, booking)
      const answer = await world.person(who).lab.send('DELETE', `/bookings/${id}`)
      await world.compare(answer, world.model.cancel(booking))
    }),
)

const take = fc.tuple(person, board).map(
  ([who, id]) =>
    new Ask(`take(${who}, ${id})`, async (world) => {
      const answer = await world.person(who).take(id)
      await world.compare(answer, world.model.take(who, id))
    }),
)

const release = board.map(
  (id) =>
    new Ask(`release(${id})`, async (world) => {
      const held = world.model.board(id).lease
      const lease = (await world.keeper.status(id)).lease
      if (!held || !lease) return
      const answer = await world.person(held.holder).release(lease)
      world.model.release(id)
      await world.compare(answer, 'ok')
    }),
)

const extend = board.map(
  (id) =>
    new Ask(`extend(${id})`, async (world) => {
      const held = world.model.board(id).lease
      const lease = (await world.keeper.status(id)).lease
      if (!held || !lease) return
      const answer = await world.person(held.holder).lab.post(`/leases/${lease.id}/extend`)
      await world.compare(answer, world.model.extend(id))
    }),
)

const join = fc.tuple(person, board).map(
  ([who, id]) =>
    new Ask(`join(${who}, ${id})`, async (world) => {
      const answer = await world.person(who).join(id)
      await world.compare(answer, world.model.join(who, id))
    }),
)

const leave = fc.tuple(person, board).map(
  ([who, id]) =>
    new Ask(`leave(${who}, ${id})`, async (world) => {
      const answer = await world.person(who).lab.send('DELETE', `/boards/${id}/queue/me`)
      await world.compare(answer, world.model.leave(who, id))
    }),
)

const maintain = fc.tuple(board, fc.integer({ min: 2, max: 8 })).map(
  ([id, slots]) =>
    new Ask(`maintain(${id}, ${slots * 5})`, async (world) => {
      const end = floor(world.model.now) + slots * 5
      const body = { end: world.at(end), reason: 'a look inside', cancel: true }
      const answer = await world.keeper.lab.post(`/boards/${id}/maintenance`, body)
      await world.compare(answer, world.model.maintain(id, end))
    }),
)

const breaks = board.map((id) => new Ask(`break(${id})`, async (world) => world.break(id)))

const clear = board.map(
  (id) =>
    new Ask(`clear(${id})`, async (world) => {
      if (world.model.board(id).state === 'quarantined') world.repair(id)
      const body = { reason: 'repaired' }
      const answer = await world.keeper.lab.post(`/boards/${id}/clear-quarantine`, body)
      await world.compare(answer, world.model.clearQuarantine(id))
    }),
)

const pass = fc.integer({ min: 1, max: 12 }).map(
  (minutes) =>
    new Ask(`pass(${minutes})`, async (world) => {
      await world.pass(minutes)
      await world.agree()
    }),
)

const restart = fc.constant(
  new Ask('restart()', async (world) => {
    await world.restart()
    await world.agree()
  }),
)

async function idOf(world: SharedWorld, { board, start, state }: ModelBooking): Promise<string> {
  const found = await world.keeper.lab.database.reader.booking.findFirst({
    where: { board, start: new Date(world.at(start)), state },
  })
  return found?.id ?? ''
}

it(
  'the database and the boards agree with the model, whatever people do',
  async () => {
    const often = [book, take, pass, join]
    const commands = fc.commands(
      [...often, ...often, cancel, release, extend, leave, maintain, breaks, clear, restart],
      { maxCommands: 30, size: 'max', ...replayed },
    )
    const property = fc.asyncProperty(commands, async (list) => {
      const world = await SharedWorld.open()
      try {
        await fc.asyncModelRun(() => ({ model: world, real: world }), list)
      } finally {
        await world.end()
      }
    })
    await holds(property, 8, 90_000)
  },
  propertyTimeoutMs,
)
