// Webhooks against receivers that are real servers.

import { describe, expect, it } from 'vitest'
import { record } from '../../../server/audit/audit.ts'
import type { Booking } from '../../../server/contract/booking.ts'
import type { BoardDetail } from '../../../server/contract/overview.ts'
import type { Webhook } from '../../../server/contract/webhook.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { day, hour } from '../../support/identity.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openLab, type TestLab } from '../../support/test-lab.ts'
import { isSigned, newReceiver, type Receiver, secret } from '../../support/webhook-receiver.ts'

const second = 1000
const patience = { timeout: 20_000, interval: 10 }
const isTold = (type: string) =>
  /^(booking|queue|lease)\.|^(board\.state|board\.fault|clock\.stepped)$/.test(type)

const stateOf = async (lab: TestLab, name = 'chat') =>
  (await lab.get<{ items: Webhook[] }>('/webhooks')).body.items.find((one) => one.name === name)

let hours = 0
/** Some event that is told. */
async function book(lab: TestLab): Promise<Booking> {
  hours += 1
  const today = Math.floor(lab.clock.now() / day) * day
  const start = today + 7 * day + 2 * (hours % 10) * hour
  const times = {
    start: new Date(start).toISOString(),
    end: new Date(start + hour / 4).toISOString(),
  }
  const { status, body } = await lab.post<Booking>('/bookings', { board: 'sim0', ...times })
  expect(status).toBe(201)
  return body
}

/** Waits until it has been told so many things, or has refused them. */
async function waitFor(lab: TestLab, receiver: Receiver, count: number) {
  await lab.clock.advance(second)
  await expect.poll(() => receiver.told.length, patience).toBe(count)
}

async function waitForFailures(lab: TestLab, failures: number, name = 'chat') {
  await expect.poll(async () => (await stateOf(lab, name))?.failures, patience).toBe(failures)
}

async function waitUntilTold(lab: TestLab, name = 'chat') {
  await lab.clock.advance(second)
  await expect.poll(async () => (await stateOf(lab, name))?.behind, patience).toBe(0)
}

describe('a webhook', () => {
  it('is told what happens to boards and bookings, signed, in order, and nothing else', async () => {
    const receiver = await newReceiver()
    const lab = await openLab({ webhooks: [receiver.hook()] })
    const before = await lab.database.reader.auditEvent.count()
    const booking = await book(lab)
    const lease = await lab.take()
    await lab.lock({ byteLength: 4096 })
    await lab.post('/users', { login: 'ben', name: 'Ben', role: 'operator' })
    await lab.post(`/leases/${lease.id}/release`)
    const isOver = async () => (await lab.get<BoardDetail>('/boards/sim0')).body.status.lease
    await expect.poll(isOver, patience).toBe(null)
    await waitUntilTold(lab)

    const log = (await lab.database.reader.auditEvent.findMany()).slice(before)
    expect(log.some(({ type }) => type === 'dma.lock.granted')).toBe(true)
    const expected = log.filter(({ type }) => isTold(type))
    expect(receiver.told.map(({ id }) => id)).toEqual(expected.map(({ seq }) => seq))
    expect(receiver.types.slice(0, 3)).toEqual(['booking.made', 'board.state', 'lease.started'])
    const [first] = receiver.told
    expect(first).toEqual({
      id: expected[0]?.seq,
      type: 'booking.made',
      at: JSON.parse(expected[0]?.payload ?? '').at,
      board: 'sim0',
      actor: lab.person.id,
      detail: { booking: booking.id, start: booking.start, end: booking.end },
    })
    for (const [index, body] of receiver.bodies.entries()) {
      const signature = receiver.signatures[index] ?? ''
      expect(isSigned(body, signature, lab.clock.now())).toBe(true)
      expect(isSigned(`${body} `, signature, lab.clock.now())).toBe(false)
      expect(isSigned(body, signature, lab.clock.now() + hour)).toBe(false)
    }
    expect(receiver.bodies.join()).not.toContain(secret)
  })

  it('is told only what it asked for', async () => {
    const receiver = await newReceiver()
    const lab = await openLab({ webhooks: [receiver.hook({ events: ['board.state'] })] })
    await book(lab)
    await lab.take()
    await waitUntilTold(lab)
    expect(receiver.types).toEqual(['board.state'])
  })

  it('is listed for keepers, without the query of its address', async () => {
    const receiver = await newReceiver()
    const url = new URL(`${receiver.url}?key=hidden-key`)
    const lab = await openLab({ webhooks: [receiver.hook({ url, events: ['booking.*'] })] })
    const nothing = { lastSuccessAt: null, failures: 0, lastError: null, retryAt: null }
    expect(await stateOf(lab)).toEqual({
      ...{ name: 'chat', url: receiver.url, events: ['booking.*'], behind: 0, passedOver: 0 },
      ...nothing,
    })
    await book(lab)
    expect(await stateOf(lab)).toMatchObject({ behind: 1 })
    await waitUntilTold(lab)
    const lastSuccessAt = new Date(lab.clock.now()).toISOString()
    expect(await stateOf(lab)).toMatchObject({ ...nothing, lastSuccessAt })
  })
})

describe('a receiver that fails', () => {
  it('is told the same again after growing pauses, and what came after it in order', async () => {
    const receiver = await newReceiver()
    const lab = await openLab({ webhooks: [receiver.hook()] })
    receiver.answer = 500
    await book(lab)
    await book(lab)
    await waitFor(lab, receiver, 1)
    await waitForFailures(lab, 1)
    await lab.clock.advance(2 * second)
    await waitForFailures(lab, 2)
    const failing = await stateOf(lab)
    expect(failing).toMatchObject({ behind: 2, lastSuccessAt: null })
    expect(failing?.lastError).toContain('500')
    const pause = Date.parse(failing?.retryAt ?? '') - lab.clock.now()
    expect(pause).toBeGreaterThanOrEqual(2 * second)
    // Not before the pause is over.
    await lab.clock.advance(second)
    receiver.answer = 200
    await lab.clock.advance(2 * second)
    await waitUntilTold(lab)
    const [first, next, third, fourth] = receiver.told.map(({ id }) => id)
    expect(receiver.told).toHaveLength(4)
    expect([next, third]).toEqual([first, first])
    expect(fourth).toBeGreaterThan(first ?? 0)
    expect(await stateOf(lab)).toMatchObject({ failures: 0, lastError: null, retryAt: null })
  })

  it('that is not there is told when it is', async () => {
    const receiver = await newReceiver()
    await receiver.close()
    const lab = await openLab({ webhooks: [receiver.hook()] })
    const { id } = await book(lab)
    await lab.clock.advance(second)
    await waitForFailures(lab, 1)
    expect((await stateOf(lab))?.lastError).toContain('ECONNREFUSED')
    await receiver.listen()
    await lab.clock.advance(2 * second)
    await waitUntilTold(lab)
    expect(receiver.told.map(({ detail }) => detail.booking)).toEqual([id])
  })

  it('may not send us on to somewhere else', async () => {
    const [receiver, elsewhere] = [await newReceiver(), await newReceiver()]
    receiver.answer = elsewhere.url
    const lab = await openLab({ webhooks: [receiver.hook()] })
    await book(lab)
    await lab.clock.advance(second)
    await waitForFailures(lab, 1)
    expect((await stateOf(lab))?.lastError).toContain('307')
    expect(elsewhere.told).toEqual([])
  })

  it('by its silence holds up neither the others, nor the lab, nor its end; after the start it is told', async () => {
    const [silent, other] = [await newReceiver(), await newReceiver()]
    silent.answer = null
    const webhooks = [silent.hook({ name: 'silent' }), other.hook({ name: 'other' })]
    const dataFolder = temporaryFolder()
    const clock = new FakeClock()
    const lab = await openLab({ webhooks, dataFolder, clock })
    const first = await book(lab)
    await waitFor(lab, silent, 1)
    const next = await book(lab)
    await waitUntilTold(lab, 'other')
    expect(other.told.map(({ detail }) => detail.booking)).toEqual([first.id, next.id])
    await lab.app.close()

    silent.answer = 200
    const again = (await openLab({ webhooks, dataFolder, clock })).as(lab.person)
    // Had its answer been waited for, that would be a failure.
    expect(await stateOf(again, 'silent')).toMatchObject({ failures: 0, behind: 2 })
    await waitUntilTold(again, 'silent')
    const bookings = silent.told.map(({ detail }) => detail.booking)
    expect(bookings).toEqual([first.id, first.id, next.id])
  })

  it('for a day is given up on: what gathered is passed over, recorded and shown', async () => {
    const receiver = await newReceiver()
    const lab = await openLab({ webhooks: [receiver.hook({ events: ['booking.*'] })] })
    receiver.answer = 503
    await book(lab)
    await book(lab)
    await lab.clock.advance(second)
    await waitForFailures(lab, 1)
    await lab.clock.advance(day - second)
    await waitForFailures(lab, 2)
    expect(await stateOf(lab)).toMatchObject({ passedOver: 0, behind: 2 })
    await lab.clock.advance(hour)
    await expect.poll(async () => (await stateOf(lab))?.passedOver, patience).toBe(2)
    const state = await stateOf(lab)
    expect(state).toMatchObject({ failures: 0, behind: 0, retryAt: null })
    expect(state?.lastError).toContain('503')
    const passed = await lab.database.reader.auditEvent.findMany({
      where: { type: 'webhook.passed-over' },
    })
    expect(passed.map(({ payload }) => JSON.parse(payload).detail)).toMatchObject([
      { webhook: 'chat', count: 2 },
    ])
    receiver.answer = 200
    const { id } = await book(lab)
    await waitUntilTold(lab)
    expect(receiver.told.at(-1)?.detail.booking).toBe(id)
    expect(await stateOf(lab)).toMatchObject({ passedOver: 2, lastError: null })
  })

  it('more than 10,000 events behind is given up on too', async () => {
    const receiver = await newReceiver()
    const lab = await openLab({ webhooks: [receiver.hook({ events: ['board.fault'] })] })
    receiver.answer = 500
    await addFaults(lab, 10_000)
    await lab.clock.advance(second)
    await waitForFailures(lab, 1)
    expect(await stateOf(lab)).toMatchObject({ behind: 10_000, passedOver: 0 })
    await addFaults(lab, 1)
    await lab.clock.advance(5 * second)
    await expect.poll(async () => (await stateOf(lab))?.passedOver, patience).toBe(10_001)
    expect(receiver.told).toHaveLength(1)
  })
})

/** As if they had happened. */
async function addFaults({ database }: TestLab, count: number): Promise<void> {
  await database.write(async (tx) => {
    for (let n = 0; n < count; n++) await record(tx, { type: 'board.fault', actor: 'system' })
  })
}

describe('after a restart', () => {
  it('a webhook goes on where it was, and a new one is told what comes', async () => {
    const [old, added] = [await newReceiver(), await newReceiver()]
    const [dataFolder, clock] = [temporaryFolder(), new FakeClock()]
    const first = await openLab({ webhooks: [old.hook()], dataFolder, clock })
    const one = await book(first)
    await waitUntilTold(first)
    const two = await book(first)
    await first.app.close()
    expect(old.told).toHaveLength(1)

    const webhooks = [old.hook(), added.hook({ name: 'added' })]
    const next = (await openLab({ webhooks, dataFolder, clock })).as(first.person)
    await waitUntilTold(next)
    expect(old.told.map(({ detail }) => detail.booking)).toEqual([one.id, two.id])
    const three = await book(next)
    await waitUntilTold(next)
    await waitUntilTold(next, 'added')
    expect(added.told.map(({ detail }) => detail.booking)).toEqual([three.id])
    await next.app.close()

    // Taken out of the configuration, it is a new one when it comes back.
    const third = (await openLab({ webhooks: [], dataFolder, clock })).as(first.person)
    await book(third)
    await third.app.close()
    const fourth = (await openLab({ webhooks: [old.hook()], dataFolder, clock })).as(first.person)
    expect(await stateOf(fourth)).toMatchObject({ behind: 0 })
  })
})
