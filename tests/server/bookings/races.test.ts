// Two hundred clients at once. PINLAB_RACE_SECONDS=60 goes on for longer than a build machine has time for.

import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Booking } from '../../../server/contract/booking.ts'
import { type FairLab, minute, openFairLab, smallBoard } from '../../support/fair-lab.ts'
import type { Answer } from '../../support/test-lab.ts'
import { checkCalendar } from './model/check-calendar.ts'

const clients = 200
const seconds = Number(process.env.PINLAB_RACE_SECONDS ?? 10)
/** On a busy machine two hundred answers take their time. */
const testTimeoutMs = seconds * 10_000 + 120_000

interface Asked {
  answer: Answer<Record<string, unknown>>
  what: string
}

type Ask = (who: FairLab, random: () => number) => Promise<Asked>

/** Each client asks again as soon as it has its answer. Returns how often each outcome came. */
async function storm(
  keeper: FairLab,
  ask: Ask,
  {
    forSeconds,
    goal = async () => true,
    pauseMs = 0,
    meanwhile,
  }: {
    forSeconds: number
    /** What must have come about: a slow machine goes on until it has. */
    goal?: () => Promise<boolean>
    pauseMs?: number
    meanwhile?: () => Promise<void>
  },
): Promise<Map<string, number>> {
  const people: FairLab[] = []
  for (let n = 0; n < 20; n++) people.push(await keeper.person())
  await keeper.setPolicy({ concurrentBookings: 100, weeklyHours: 168 })
  const outcomes = new Map<string, number>()
  const begun = Date.now()
  let isReached = false
  const isDone = () => {
    const passed = (Date.now() - begun) / 1000
    return passed >= forSeconds && (isReached || passed >= forSeconds * 20)
  }
  let isOver = false
  const client = async (n: number) => {
    const who = people[n % people.length] as FairLab
    let answerMs = 0
    for (let turn = 0; !isDone(); turn++) {
      const random = pseudoRandom(n * 10_000 + turn)
      // People who wait long for an answer look away: a slow machine is not kept from what the test waits for.
      if (pauseMs > 0) await sleep(random() * Math.max(pauseMs, answerMs * 20))
      const asked = Date.now()
      const { answer, what } = await ask(who, random)
      answerMs = Date.now() - asked
      expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(500)
      const outcome = `${what} ${answer.status < 300 ? 'ok' : answer.body.code}`
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
  }
  const others = (async () => {
    while (!isOver) {
      await meanwhile?.()
      isReached ||= await goal()
      // SQLite answers at once, so without a pause nobody else would have a turn.
      await sleep(20)
    }
  })()
  try {
    await Promise.all(Array.from({ length: clients }, (_, n) => client(n)))
  } finally {
    isOver = true
    await others
  }
  await keeper.lab.database.write(checkCalendar)
  expect(await goal()).toBe(true)
  return outcomes
}

describe(`${clients} clients`, () => {
  it(
    'that book overlapping times never get one twice, and every refusal is right',
    async () => {
      const boards = [smallBoard('sim0'), smallBoard('sim1')]
      const keeper = await openFairLab({ boards })
      const outcomes = await storm(
        keeper,
        async (who, random) => {
          const from = Math.floor(random() * 60) * 5
          const to = from + 5 * (1 + Math.floor(random() * 6))
          const board = random() < 0.5 ? 'sim0' : 'sim1'
          if (random() < 0.3) {
            const [mine] = await who.calendar('&mine=true')
            const id = mine?.id ?? '00000000-0000-7000-8000-000000000000'
            return { what: 'cancel', answer: await who.lab.send('DELETE', `/bookings/${id}`) }
          }
          const answer = await who.book(from, to, { board })
          checkRefusal(answer, { board, start: who.at(from), end: who.at(to) })
          return { what: 'book', answer: answer as Asked['answer'] }
        },
        { forSeconds: seconds },
      )
      expect(outcomes.get('book ok')).toBeGreaterThan(50)
      expect(outcomes.get('book PINLAB_BOOKING_OVERLAP')).toBeGreaterThan(50)
      const known = [
        'ok',
        'PINLAB_BOOKING_OVERLAP',
        'PINLAB_BOOKING_ENDED',
        'PINLAB_BOOKING_UNKNOWN',
      ]
      for (const outcome of outcomes.keys()) expect(known).toContain(outcome.split(' ')[1])
    },
    testTimeoutMs,
  )

  it(
    'that use a board now, while others book its next minutes, never run into a booking',
    async () => {
      const keeper = await openFairLab()
      const { reader } = keeper.lab.database
      const happened = (type: string) => reader.auditEvent.count({ where: { type } })
      await storm(
        keeper,
        async (who, random) => {
          if (random() < 0.3) {
            // The slots at the boundary of what "use now" would get.
            const now = (who.clock.now() - Date.parse(who.at(0))) / minute
            const from = Math.floor(now / 5) * 5 + 5 * Math.floor(random() * 3)
            const answer = await who.book(from, from + 5)
            return { what: 'book', answer: answer as Asked['answer'] }
          }
          if (random() < 0.4) return giveBack(who)
          const answer = await who.take()
          return { what: 'take', answer: answer as Asked['answer'] }
        },
        {
          forSeconds: seconds / 2,
          goal: async () =>
            (await happened('lease.started')) > 1 && (await happened('lease.ended')) > 0,
          meanwhile: async () => {
            await keeper.clock.advance(20_000)
            await keeper.lab.database.write(checkCalendar)
          },
        },
      )
    },
    testTimeoutMs,
  )

  it(
    'that wait for a board get one offer at a time, and only the one it is made to can claim it',
    async () => {
      const keeper = await openFairLab()
      await storm(
        keeper,
        async (who, random) => {
          const offered = await keeper.lab.database.reader.booking.count({
            where: { owner: who.id, state: 'held' },
          })
          const take = async () => (await who.take()) as Asked['answer']
          // Some let their offer lapse.
          if (offered > 0 && random() < 0.7) return { what: 'claim', answer: await take() }
          const turn = random()
          if (turn < 0.3) return { what: 'join', answer: (await who.join()) as Asked['answer'] }
          if (turn < 0.35) {
            const answer = await who.lab.send<Record<string, unknown>>(
              'DELETE',
              '/boards/sim0/queue/me',
            )
            return { what: 'leave', answer }
          }
          if (turn < 0.6) return giveBack(who)
          return { what: 'take', answer: await take() }
        },
        {
          forSeconds: seconds / 2,
          goal: async () => {
            const claimed = { endReason: 'claimed', bookingId: { not: null } }
            const { reader } = keeper.lab.database
            return (await reader.queueEntry.count({ where: claimed })) > 0
          },
          // Whoever thinks between two requests leaves time for the board to be cleared.
          pauseMs: 2500,
          meanwhile: async () => {
            await keeper.clock.advance(minute / 2)
            await keeper.lab.database.write(checkCalendar)
          },
        },
      )
    },
    testTimeoutMs,
  )
})

async function giveBack(who: FairLab): Promise<Asked> {
  const { lease } = await who.status()
  const id = lease?.id ?? '00000000-0000-7000-8000-000000000000'
  const answer = (await who.release({ id })) as unknown as Asked['answer']
  return { what: 'release', answer }
}

/** What is in the way overlaps, and the time that is offered instead is as long, and not in the way of that. */
function checkRefusal(
  { status, body }: Answer<unknown>,
  asked: { board: string; start: string; end: string },
): void {
  if (status < 300) {
    expect(body).toMatchObject({ ...asked, state: 'confirmed' })
    return
  }
  const { conflict, nearest } = body as unknown as Record<
    'conflict' | 'nearest',
    Pick<Booking, 'start' | 'end'>
  >
  expect(conflict.start < asked.end && asked.start < conflict.end).toBe(true)
  const length = (one: { start: string; end: string }) =>
    Date.parse(one.end) - Date.parse(one.start)
  expect(length(nearest)).toBe(length(asked))
  expect(nearest.start < conflict.end && conflict.start < nearest.end).toBe(false)
}

/** Numbers from 0 to 1 that are the same in every run. */
function pseudoRandom(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 0x1_0000_0000
  }
}
