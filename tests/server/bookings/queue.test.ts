import { beforeEach, describe, expect, it } from 'vitest'
import { estimateTurns, offerEnd } from '../../../server/bookings/queue-rules.ts'
import type { QueueEntry } from '../../../server/contract/booking.ts'
import { type FairLab, minute, openFairLab, smallBoard } from '../../support/fair-lab.ts'

describe('the rules of the queue', () => {
  const rules = { now: 0, defaultMinutes: 30 }
  const busy = (...pairs: [number, number][]) =>
    pairs.map(([start, end]) => ({ start: start * minute, end: end * minute }))

  it('offer the default time, what is left before the next booking, or nothing', () => {
    expect(offerEnd([], rules)).toBe(30 * minute)
    expect(offerEnd(busy([20, 60]), rules)).toBe(20 * minute)
    expect(offerEnd(busy([15, 60]), rules)).toBe(15 * minute)
    expect(offerEnd(busy([10, 60]), rules)).toBeNull()
  })

  it('estimate each turn behind those before, in gaps that are long enough', () => {
    const turns = estimateTurns(3, busy([0, 20], [30, 60], [80, 90]), rules)
    expect(turns.map((turn) => turn / minute)).toEqual([60, 90, 120])
  })
})

describe('the queue', () => {
  let keeper: FairLab
  let ann: FairLab
  let bob: FairLab
  let cyd: FairLab

  beforeEach(async () => {
    const boards = [smallBoard('sim0', ['fpga', 'fast']), smallBoard('sim1', ['fpga'])]
    keeper = await openFairLab({ boards })
    ann = await keeper.person()
    bob = await keeper.person()
    cyd = await keeper.person()
  })

  const offerOf = async (who: FairLab) =>
    (await who.lab.get<{ items: QueueEntry[] }>('/queue/me')).body.items[0]?.offer ?? null

  it('is first come first served, shows place and estimate, and keeps "use now" back', async () => {
    const lease = (await ann.take()).body
    await bob.join()
    await cyd.join()
    expect(await ann.queue()).toMatchObject([
      { person: bob.id, place: 1, state: 'waiting', estimate: ann.at(30) },
      { person: cyd.id, place: 2, state: 'waiting', estimate: ann.at(60) },
    ])
    await ann.release(lease)
    await ann.until('ready')
    expect((await ann.take()).body.code).toBe('PINLAB_QUEUE_WAITING')
    await ann.clock.advance(1000)
    expect(await offerOf(bob)).toMatchObject({ board: 'sim0', state: 'held', owner: bob.id })
    expect(await offerOf(cyd)).toBeNull()
    expect((await cyd.take()).body.code).toBe('PINLAB_BOOKING_OVERLAP')
    expect((await bob.take()).body).toMatchObject({ holder: bob.id })
    expect(await ann.queue()).toMatchObject([{ person: cyd.id, place: 1 }])
  })

  it('passes an offer on when it is not claimed in three minutes', async () => {
    await bob.join()
    await cyd.join()
    await ann.clock.advance(1000)
    const offer = await offerOf(bob)
    await ann.pass(3)
    expect(await ann.booking(offer?.id ?? '')).toMatchObject({ state: 'missed' })
    expect(await offerOf(cyd)).toMatchObject({ state: 'held' })
    expect(await ann.queue()).toMatchObject([{ person: cyd.id }])
  })

  it('passes an offer on when its person leaves', async () => {
    await bob.join()
    await cyd.join()
    await ann.clock.advance(1000)
    expect((await bob.lab.send('DELETE', '/boards/sim0/queue/me')).status).toBe(204)
    await ann.clock.advance(1000)
    expect(await offerOf(cyd)).toMatchObject({ state: 'held' })
    expect((await bob.lab.send('DELETE', '/boards/sim0/queue/me')).body.code).toBe(
      'PINLAB_QUEUE_UNKNOWN',
    )
  })

  it('offers nothing shorter than a quarter of an hour', async () => {
    await ann.book(10, 40)
    await bob.join()
    await bob.clock.advance(1000)
    expect(await offerOf(bob)).toBeNull()
    expect(await bob.queue()).toMatchObject([{ estimate: bob.at(40) }])
  })

  it('gives the place back when the board goes out of use before the claim', async () => {
    await bob.join()
    await bob.clock.advance(1000)
    const offer = await offerOf(bob)
    await setState('quarantined')
    await bob.clock.advance(1000)
    expect(await bob.booking(offer?.id ?? '')).toMatchObject({ state: 'cancelled' })
    expect(await bob.queue()).toMatchObject([{ state: 'waiting', place: 1, estimate: null }])
    await setState('ready')
    await bob.clock.advance(1000)
    expect(await offerOf(bob)).toMatchObject({ state: 'held' })
  })

  it('for tags takes whichever board is free first', async () => {
    await ann.take('sim0')
    const joined = await bob.lab.post<QueueEntry>('/queue', { tags: ['fpga'] })
    expect(joined.body).toMatchObject({ board: null, tags: ['fpga'], place: 1 })
    await bob.clock.advance(1000)
    expect(await offerOf(bob)).toMatchObject({ board: 'sim1' })
    expect((await bob.take('sim1')).status).toBe(201)
    expect((await bob.lab.post('/queue', { tags: ['gpu'] })).body.code).toBe('PINLAB_QUEUE_TAGS')
  })

  it('for tags ends when its person uses one of the boards, and an offer of another one goes to the next', async () => {
    await ann.book(0, 30)
    await ann.lab.post<QueueEntry>('/queue', { tags: ['fpga'] })
    await cyd.join('sim1')
    await ann.clock.advance(1000)
    const offer = await offerOf(ann)
    expect(offer).toMatchObject({ board: 'sim1', state: 'held' })
    expect((await ann.take('sim0')).status).toBe(201)
    expect(await ann.booking(offer?.id ?? '')).toMatchObject({ state: 'cancelled' })
    expect(await ann.queue('sim0')).toEqual([])
    await ann.clock.advance(1000)
    expect(await offerOf(cyd)).toMatchObject({ board: 'sim1', state: 'held' })
  })

  it('takes each person once for a board, not its holder, and has an end', async () => {
    await ann.take()
    expect((await ann.join()).body.code).toBe('PINLAB_QUEUE_HOLDER')
    await bob.join()
    expect((await bob.join()).body.code).toBe('PINLAB_QUEUE_JOINED')
    expect((await bob.join('nope')).body.code).toBe('PINLAB_BOARD_UNKNOWN')
    const viewer = await keeper.person('viewer')
    expect((await viewer.join()).status).toBe(403)
  })

  async function setState(state: 'quarantined' | 'ready') {
    const data = { state, stateSince: new Date(keeper.clock.now()) }
    await keeper.lab.database.write((tx) => tx.board.update({ where: { id: 'sim0' }, data }))
  }
})
