// What can be done to locks and cards, each with what must come of it. Begun at once, settled by the promise: so that several can be under way.

import fc from 'fast-check'
import { expect } from 'vitest'
import type { DmaLock, LockOptions } from '../../../native/index.ts'
import { dmaOptions } from '../../../server/contract/dma-options.ts'
import { checkInvariants } from './invariants.ts'
import { Memory } from './memory.ts'
import { endLock, endLocksOf, type KnownCard, type KnownLock, type World } from './world.ts'

type Begin = (world: World) => Promise<void> | undefined

/** A command: does nothing where the world has nothing for it. */
export class Operation implements fc.AsyncCommand<World, World> {
  constructor(
    readonly text: string,
    readonly begin: Begin,
  ) {}
  check = () => true
  async run(world: World): Promise<void> {
    await this.begin(world)
    await checkInvariants(world)
  }
  toString = () => this.text
}

const index = fc.nat({ max: 63 })
const pick = <T>(list: readonly T[], i: number): T | undefined => list[i % (list.length || 1)]
const refusal = (statusName: string) => expect.objectContaining({ statusName })
const openCards = ({ cards }: World) => cards.filter(({ state }) => state === 'open')

interface Asked {
  card: KnownCard
  memory: Memory
  offset: number
  byteLength: number
  options: LockOptions
  showsMemory: boolean
}

/** Takes a new lock into the books, or sees to it that it was refused with reason. */
async function keep(world: World, asked: Asked, call: Promise<DmaLock>, mayFail: () => boolean) {
  const { card, memory, offset, byteLength, options } = asked
  const pages = memory.pages(offset, byteLength)
  world.underWay.add(pages)
  card.callsUnderWay++
  try {
    const lock = await call
    const { owner = '', direction = 'toFromDevice' } = options
    const { handle, originalHandle, kind } = lock
    const record = { handle, originalHandle, kind, owner, direction, byteLength }
    const state = card.state === 'open' ? 'live' : card.state === 'closing' ? 'ending' : 'ended'
    const { showsMemory } = asked
    const known: KnownLock = {
      ...{ card, lock, memory, offset, pages, showsMemory, holds: [], state },
      record: { ...record, pageCount: lock.pages.length, residentByteLength: byteLength },
    }
    world.locks.push(known)
    if (state !== 'ended') card.locks.add(known)
    checkPages(known, options)
  } catch (error) {
    if (!(error as { statusName?: string }).statusName || !(mayFail() || card.state !== 'open')) {
      throw error
    }
  } finally {
    world.underWay.delete(pages)
    card.callsUnderWay--
  }
}

function checkPages({ lock, pages: cpuPages }: KnownLock, { options = 0, maxPages }: LockOptions) {
  const { pages, byteLength, kind } = lock
  expect(pages.reduce((sum, page) => sum + page.byteLength, 0)).toBe(byteLength)
  const bits = options & dmaOptions.KBUF_BELOW_16M ? 24n : 32n
  const isWide = (options & dmaOptions.ALLOW_64BIT_ADDRESS) !== 0
  for (const { address, byteLength: length } of pages) {
    expect(address).toBeGreaterThan(0n)
    const end = address + BigInt(length)
    if (!isWide || bits === 24n) expect(end).toBeLessThanOrEqual(1n << bits)
  }
  if (kind === 'contiguous') expect(pages).toHaveLength(1)
  else if (options & dmaOptions.DISABLE_MERGE_ADJACENT_PAGES) {
    expect(pages).toHaveLength(cpuPages.length)
  } else {
    const ends = pages.map((page) => page.address + BigInt(page.byteLength))
    for (const { address } of pages) expect(ends).not.toContain(address)
  }
  expect(pages.length).toBeLessThanOrEqual(maxPages ?? 256)
}

const direction = fc.constantFrom('toDevice', 'fromDevice', 'toFromDevice' as const)
const owner = fc.constantFrom('alice', 'bob')

const lockScatterGather = fc
  .record({
    ...{
      card: index,
      arena: index,
      begin: fc.nat(80_000),
      length: fc.integer({ min: 1, max: 80_000 }),
    },
    ...{ direction, owner, noMerge: fc.boolean(), wide: fc.boolean() },
    maxPages: fc.option(fc.integer({ min: 1, max: 24 }), { nil: undefined }),
  })
  .map((asked) => {
    const begin: Begin = (world) => {
      const card = pick(openCards(world), asked.card)
      const arena = pick(world.arenas, asked.arena)
      if (!card || !arena) return undefined
      const offset = asked.begin % arena.bytes.length
      const byteLength = Math.min(asked.length, arena.bytes.length - offset)
      const { direction, owner, maxPages } = asked
      const options =
        (asked.noMerge ? dmaOptions.DISABLE_MERGE_ADJACENT_PAGES : 0) |
        (asked.wide ? dmaOptions.ALLOW_64BIT_ADDRESS : 0) |
        (maxPages ? dmaOptions.LARGE_BUFFER : 0)
      const request = {
        direction,
        owner,
        options,
        ...(maxPages ? { maxPages } : {}),
      } as LockOptions
      const call = card.board.card.lockScatterGather(
        arena.bytes.subarray(offset, offset + byteLength),
        request,
      )
      const { memory } = arena
      const cpuPages = memory.pages(offset, byteLength).length
      const place = { card, memory, offset, byteLength, options: request, showsMemory: true }
      return keep(world, place, call, () => maxPages !== undefined && cpuPages > maxPages)
    }
    return new Operation(`lockScatterGather(${JSON.stringify(asked)})`, begin)
  })

const lockContiguous = fc
  .record({
    ...{ card: index, byteLength: fc.integer({ min: 1, max: 40_000 }), direction, owner },
    ...{ kernelOnly: fc.boolean(), below16M: fc.boolean(), wide: fc.boolean() },
  })
  .map((asked) => {
    const begin: Begin = (world) => {
      const card = pick(openCards(world), asked.card)
      if (!card) return undefined
      const { byteLength, direction, owner } = asked
      const options =
        (asked.kernelOnly ? dmaOptions.KERNEL_ONLY_MAP : 0) |
        (asked.below16M ? dmaOptions.KBUF_BELOW_16M : 0) |
        (asked.wide ? dmaOptions.ALLOW_64BIT_ADDRESS : 0)
      const request = { direction, owner, options } as LockOptions
      const memory: Memory = new Memory(byteLength, 0, () => {
        const seen = world.locks.find(
          (known) => known.memory === memory && known.state === 'live' && known.showsMemory,
        )
        return seen?.lock.userBytes
      })
      const showsMemory = !asked.kernelOnly
      const place = { card, memory, offset: 0, byteLength, options: request, showsMemory }
      return keep(world, place, card.board.card.lockContiguous(byteLength, request), () => false)
    }
    return new Operation(`lockContiguous(${JSON.stringify(asked)})`, begin)
  })

const attach = fc.record({ card: index, lock: index, owner }).map((asked) => {
  const begin: Begin = (world) => {
    const card = pick(openCards(world), asked.card)
    const contiguous = world.locks.filter(({ lock }) => lock.kind === 'contiguous').slice(-6)
    const to = pick(contiguous, asked.lock)
    if (!card || !to) return undefined
    const { memory, lock } = to
    const { byteLength, direction } = lock
    const call = card.board.card.attachContiguous(lock.handle, { owner: asked.owner })
    const options = { owner: asked.owner, direction, options: lock.options }
    const place = { card, memory, offset: 0, byteLength, options, showsMemory: true }
    const wasLive = to.state === 'live'
    if (!wasLive) return expect(call).rejects.toEqual(refusal('WD_INVALID_HANDLE'))
    return keep(world, place, call, () => to.state !== 'live')
  }
  return new Operation(`attach(${JSON.stringify(asked)})`, begin)
})

const hold = index.map((i) => {
  const begin: Begin = (world) => {
    const known = pick(world.locks.slice(-12), i)
    if (!known || known.card.state === 'closing') return undefined
    if (known.state === 'live') known.holds.push(known.lock.hold(`user ${i}`))
    else expect(() => known.lock.hold('late')).toThrow(refusal('WD_INVALID_HANDLE'))
    return Promise.resolve()
  }
  return new Operation(`hold(${i})`, begin)
})

const release = fc.record({ lock: index, hold: index, twice: fc.boolean() }).map((asked) => {
  const begin: Begin = (world) => {
    const held = world.locks.filter(({ holds }) => holds.length > 0)
    const known = pick(held, asked.lock)
    if (!known) return undefined
    const [released] = known.holds.splice(asked.hold % known.holds.length, 1)
    released?.release()
    if (asked.twice) released?.release()
    return Promise.resolve()
  }
  return new Operation(`release(${JSON.stringify(asked)})`, begin)
})

const unlock = fc.record({ lock: index, times: fc.integer({ min: 1, max: 3 }) }).map((asked) => {
  const begin: Begin = (world) => {
    const known = pick(world.locks.slice(-12), asked.lock)
    if (!known || known.card.state === 'closing') return undefined
    const calls = Array.from({ length: asked.times }, () => settleUnlock(known))
    return Promise.all(calls).then(() => {})
  }
  return new Operation(`unlock(${JSON.stringify(asked)})`, begin)
})

function settleUnlock(known: KnownLock): Promise<void> {
  const call = known.lock.unlock()
  if (known.state !== 'live') {
    return expect(call).rejects.toEqual(refusal('WD_OPERATION_ALREADY_DONE'))
  }
  if (known.holds.length > 0) return expect(call).rejects.toEqual(refusal('WD_TRY_AGAIN'))
  known.state = 'ending'
  known.card.callsUnderWay++
  return call.then(() => {
    known.card.callsUnderWay--
    endLock(known)
  })
}

const write = fc
  .record({ arena: index, begin: fc.nat(80_000), length: fc.nat(20_000), value: fc.nat(255) })
  .map((asked) => {
    const begin: Begin = (world) => {
      const arena = pick(world.arenas, asked.arena)
      if (!arena || world.isMoving) return undefined
      const offset = asked.begin % arena.bytes.length
      arena.memory.write(offset, Math.min(asked.length, arena.bytes.length - offset), asked.value)
      return Promise.resolve()
    }
    return new Operation(`write(${JSON.stringify(asked)})`, begin)
  })

const oneWay = fc.constantFrom('toDevice', 'fromDevice' as const)

/** Held or not: an unlock meanwhile ends the access, and then nobody knows how far it came. */
const move = fc
  .record({ ...{ lock: index, begin: fc.nat(80_000), length: fc.nat(80_000) }, way: oneWay })
  .map((asked) => {
    const begin: Begin = (world) => {
      const live = world.locks.filter(
        ({ state, card }) => state === 'live' && card.state === 'open',
      )
      const known = pick(live, asked.lock)
      if (!known || world.isMoving) return undefined
      const way = asked.way as 'toDevice' | 'fromDevice'
      return settleMove(world, known, way, asked.begin, asked.length + 1)
    }
    return new Operation(`move(${JSON.stringify(asked)})`, begin)
  })

async function settleMove(
  world: World,
  known: KnownLock,
  way: 'toDevice' | 'fromDevice',
  begin: number,
  wanted: number,
) {
  const { lock, memory, card } = known
  const { deviceBytes } = card
  const from = begin % lock.byteLength
  const most = Math.min(wanted, lock.byteLength - from, world.reach.moveByteLength)
  const byteLength = way === 'fromDevice' ? Math.min(most, deviceBytes.length || most) : most
  const offset = known.offset + from
  const settle = way === 'fromDevice' ? memory.unsettle(offset, byteLength) : () => {}
  const source = memory.read(offset, byteLength)
  const may = known.record.direction === 'toFromDevice' || known.record.direction === way
  const before = may ? undefined : source
  world.isMoving = true
  try {
    const outcome = await card.board.move(lock, way, from, byteLength)
    const stayed = known.state === 'live' && card.state === 'open'
    if (stayed) expect(outcome).toBe(may ? 'moved' : 'refused')
    settle()
    if (way === 'toDevice') card.deviceBytes = (outcome === 'moved' && source) || new Uint8Array(0)
    else if (before) memory.expect(offset, before)
    else if (stayed && deviceBytes.length > 0) {
      memory.expect(offset, deviceBytes.subarray(0, byteLength))
    }
  } finally {
    world.isMoving = false
  }
}

/** One byte outside of a lock, by its address: nothing of ours, so the device must not reach it. */
const moveOutside = fc
  .record({ lock: index, page: index, side: fc.constantFrom('before', 'behind'), way: oneWay })
  .map((asked) => {
    const begin: Begin = (world) => {
      const known = pick(world.locks.slice(-12), asked.lock)
      const page = pick(known?.lock.pages ?? [], asked.page)
      if (!known || !page || known.card.state !== 'open' || world.isMoving) return undefined
      const granule = BigInt(world.reach.granule)
      const begin = page.address - (page.address % granule)
      const end = page.address + BigInt(page.byteLength) + granule - 1n
      const address = asked.side === 'before' ? begin - 1n : end - (end % granule)
      if (isReachable(known.card, address, granule)) return undefined
      const outside = { pages: [{ address, byteLength: 1 }], byteLength: 1 } as unknown as DmaLock
      const way = asked.way as 'toDevice' | 'fromDevice'
      const moved = known.card.board.move(outside, way, 0, 1)
      if (way === 'toDevice') known.card.deviceBytes = new Uint8Array(0)
      return expect(moved).resolves.toBe('refused')
    }
    return new Operation(`moveOutside(${JSON.stringify(asked)})`, begin)
  })

function isReachable({ locks, fixtures }: KnownCard, address: bigint, granule: bigint): boolean {
  const all = [...[...locks].map(({ lock }) => lock), ...fixtures]
  return all.some(({ pages }) =>
    pages.some(
      (page) =>
        address >= page.address - (page.address % granule) &&
        address < page.address + BigInt(page.byteLength) + granule - 1n,
    ),
  )
}

const close = index.map((i) => {
  const begin: Begin = (world) => {
    const card = pick(openCards(world), i)
    if (!card || world.isMoving) return undefined
    card.state = 'closing'
    for (const known of card.locks) known.state = 'ending'
    return card.board.card.close().then(() => endLocksOf(card))
  }
  return new Operation(`close(${i})`, begin)
})

const open = fc.constant(null).map(() => {
  const begin: Begin = (world) =>
    openCards(world).length < 2 && world.cards.length < 4
      ? world.openCard().then(() => {})
      : undefined
  return new Operation('open()', begin)
})

const alone = [lockScatterGather, lockContiguous, attach, hold, release, unlock, write, move]

/** Several calls, none of which waits for another. */
const together = fc
  .array(fc.oneof(lockScatterGather, lockContiguous, attach, unlock, hold, move, close), {
    ...{ minLength: 2, maxLength: 5 },
  })
  .map((operations) => {
    const begin: Begin = (world) =>
      Promise.all(operations.map((operation) => operation.begin(world))).then(() => {})
    return new Operation(`together(${operations.join(', ')})`, begin)
  })

export const operations = [...alone, ...alone, moveOutside, together, together, open, close]
