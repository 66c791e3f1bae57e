// Lock, attach, hold, release, unlock, and what must come of each.

import fc from 'fast-check'
import { expect } from 'vitest'
import { type DmaLock, freePages, type LockOptions } from '../../../native/index.ts'
import { dmaOptions } from '../../../server/contract/dma-options.ts'
import { cpuPageByteLength, Memory } from './memory.ts'
import { type Begin, index, Operation, openCards, pick, refusal } from './operation.ts'
import {
  endLock,
  hasPagesOf,
  type KnownCard,
  type KnownLock,
  newPages,
  type World,
} from './world.ts'

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
    if (state === 'live') handOver(card, known)
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

/** An attachment that was on its way when what it is attached to ended: the device goes on in its pages. */
function handOver({ work }: KnownCard, known: KnownLock) {
  if (work?.lock.state !== 'ended' || !hasPagesOf(work.lock, known)) return
  work.lock = known
  work.settle = known.memory.unsettleUntilOverwritten(0, known.lock.byteLength)
}

function checkPages(
  { card, lock, pages: cpuPages }: KnownLock,
  { options = 0, maxPages, addressWidth = 64 }: LockOptions,
) {
  const { pages, byteLength, kind } = lock
  expect(pages.reduce((sum, page) => sum + page.byteLength, 0)).toBe(byteLength)
  const bits = Math.min(
    card.board.card.addressWidth,
    addressWidth,
    options & dmaOptions.ALLOW_64BIT_ADDRESS ? 64 : 32,
    options & dmaOptions.KBUF_BELOW_16M ? 24 : 64,
  )
  for (const { address, byteLength: length } of pages) {
    expect(address).toBeGreaterThan(0n)
    const end = address + BigInt(length)
    expect(end).toBeLessThanOrEqual(1n << BigInt(bits))
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

export const lockScatterGather = fc
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

export const lockContiguous = fc
  .record({
    ...{ card: index, byteLength: fc.integer({ min: 1, max: 40_000 }), direction, owner },
    ...{ kernelOnly: fc.boolean(), below16M: fc.boolean(), wide: fc.boolean() },
    addressWidth: fc.option(fc.integer({ min: 1, max: 64 }), { nil: undefined }),
  })
  .map((asked) => {
    const begin: Begin = (world) => {
      const card = pick(openCards(world), asked.card)
      if (!card) return undefined
      const { byteLength, direction, owner, addressWidth } = asked
      const options =
        (asked.kernelOnly ? dmaOptions.KERNEL_ONLY_MAP : 0) |
        (asked.below16M ? dmaOptions.KBUF_BELOW_16M : 0) |
        (asked.wide ? dmaOptions.ALLOW_64BIT_ADDRESS : 0)
      const width = addressWidth === undefined ? {} : { addressWidth }
      const request = { direction, owner, options, ...width } as LockOptions
      const memory: Memory = new Memory(byteLength, 0, () => {
        const seen = world.locks.find(
          (known) => known.memory === memory && known.state === 'live' && known.showsMemory,
        )
        return seen?.lock.userBytes
      })
      const showsMemory = !asked.kernelOnly
      const place = { card, memory, offset: 0, byteLength, options: request, showsMemory }
      // What fits in 24 bits is more than all locks of a run; below, the first MiB is the PC's.
      const isNarrow = addressWidth !== undefined && addressWidth < 24
      const call = card.board.card.lockContiguous(byteLength, request)
      return keep(world, place, call, () => isNarrow)
    }
    return new Operation(`lockContiguous(${JSON.stringify(asked)})`, begin)
  })

export const attach = fc.record({ card: index, lock: index, owner }).map((asked) => {
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
    // What a close under way has come to is not known before it has ended.
    const isGone = to.state !== 'live' && to.card.state !== 'closing'
    if (isGone) return expect(call).rejects.toEqual(refusal('WD_INVALID_HANDLE'))
    return keep(world, place, call, () => to.state !== 'live')
  }
  return new Operation(`attach(${JSON.stringify(asked)})`, begin)
})

export const hold = index.map((i) => {
  const begin: Begin = (world) => {
    const known = pick(world.locks.slice(-12), i)
    if (!known || known.card.state === 'closing') return undefined
    if (known.state === 'live') known.holds.push(known.lock.hold(`user ${i}`))
    else expect(() => known.lock.hold('late')).toThrow(refusal('WD_INVALID_HANDLE'))
    return Promise.resolve()
  }
  return new Operation(`hold(${i})`, begin)
})

export const release = fc.record({ lock: index, hold: index, twice: fc.boolean() }).map((asked) => {
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

export const unlock = fc
  .record({ lock: index, times: fc.integer({ min: 1, max: 3 }) })
  .map((asked) => {
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

/** Memory that a lock covers is not given back; what was, is other memory from then on. */
export const free = index.map((i) => {
  const begin: Begin = (world) => {
    const arena = pick(
      world.arenas.filter(({ isPages }) => isPages),
      i,
    )
    if (!arena) return undefined
    const { bytes, memory } = arena
    const byteLength = bytes.length
    const covering = world.locks.filter((known) => known.memory === memory)
    if (covering.some(({ state }) => state === 'live')) {
      expect(() => freePages(bytes)).toThrow(refusal('WD_TRY_AGAIN'))
      return Promise.resolve()
    }
    const own = new Set(memory.pages(0, byteLength))
    const mayBeLocked =
      covering.some(({ state }) => state === 'ending') ||
      [...world.underWay].some((pages) => pages.some((page) => own.has(page)))
    try {
      freePages(bytes)
    } catch (error) {
      expect(mayBeLocked && error).toEqual(refusal('WD_TRY_AGAIN'))
      return Promise.resolve()
    }
    expect(bytes.length).toBe(0)
    world.arenas[world.arenas.indexOf(arena)] = newPages(byteLength / cpuPageByteLength)
    return Promise.resolve()
  }
  return new Operation(`free(${i})`, begin)
})
