// What the processor and the device do with memory.

import fc from 'fast-check'
import { expect } from 'vitest'
import type { DmaLock } from '../../../native/index.ts'
import { type Begin, index, Operation, pick } from './operation.ts'
import type { KnownCard, KnownLock, World } from './world.ts'

export const write = fc
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

export type Way = 'toDevice' | 'fromDevice'
export const oneWay = fc.constantFrom<Way>('toDevice', 'fromDevice')

const canMove = (world: World, card: KnownCard): boolean =>
  card.state === 'open' && !card.work && !world.isMoving

/** Those whose device can be started. */
export const movableLocks = (world: World): KnownLock[] =>
  world.locks.filter(({ state, card }) => state === 'live' && canMove(world, card))

/** Held or not: an unlock meanwhile ends the access, and then nobody knows how far it came. */
export const move = fc
  .record({ ...{ lock: index, begin: fc.nat(80_000), length: fc.nat(80_000) }, way: oneWay })
  .map((asked) => {
    const begin: Begin = (world) => {
      const known = pick(movableLocks(world), asked.lock)
      if (!known) return undefined
      return settleMove(world, known, asked.way, asked.begin, asked.length + 1)
    }
    return new Operation(`move(${JSON.stringify(asked)})`, begin)
  })

export async function settleMove(
  world: World,
  known: KnownLock,
  way: Way,
  begin: number,
  wanted: number,
) {
  const { lock, memory, card } = known
  const { deviceBytes, resets } = card
  const most = way === 'fromDevice' && deviceBytes.length > 0 ? deviceBytes.length : wanted
  const { from, byteLength } = rangeOf(world, lock, begin, Math.min(most, wanted))
  const offset = known.offset + from
  // Nothing where another device is at work.
  const before = memory.read(offset, byteLength)
  const settle = way === 'fromDevice' ? memory.unsettle(offset, byteLength) : () => {}
  const may = known.record.direction === 'toFromDevice' || known.record.direction === way
  const isQuiet = card.resetsUnderWay === 0
  world.isMoving = true
  try {
    const outcome = await card.board.move(lock, way, from, byteLength)
    const isWhole = isQuiet && card.resets === resets
    const stayed = known.state === 'live' && card.state === 'open' && isWhole
    if (stayed) expect(outcome).toBe(may ? 'moved' : 'refused')
    settle()
    if (way === 'toDevice') {
      card.deviceBytes = (isWhole && outcome === 'moved' && before) || new Uint8Array(0)
    } else if (before && !may) memory.expect(offset, before)
    else if (before && stayed && deviceBytes.length > 0) {
      memory.expect(offset, deviceBytes.subarray(0, byteLength))
    }
  } finally {
    world.isMoving = false
  }
}

export function rangeOf({ reach }: World, { byteLength }: DmaLock, begin: number, wanted: number) {
  const from = begin % byteLength
  return { from, byteLength: Math.min(wanted, byteLength - from, reach.moveByteLength) }
}

const side = fc.constantFrom('before', 'behind', 'within')

/** One byte outside of a lock, or of one that has ended: nothing of ours, so the device must not reach it. */
export const moveOutside = fc
  .record({ lock: index, page: index, side, way: oneWay })
  .map((asked) => {
    const begin: Begin = (world) => {
      const known = pick(world.locks.slice(-12), asked.lock)
      const page = pick(known?.lock.pages ?? [], asked.page)
      if (!known || !page || !canMove(world, known.card)) return undefined
      const granule = BigInt(world.reach.granule)
      const begin = page.address - (page.address % granule)
      const end = page.address + BigInt(page.byteLength) + granule - 1n
      const address = { before: begin - 1n, behind: end - (end % granule), within: page.address }[
        asked.side
      ]
      if (isReachable(known.card, address, granule)) return undefined
      const outside = { pages: [{ address, byteLength: 1 }], byteLength: 1 } as unknown as DmaLock
      const moved = known.card.board.move(outside, asked.way, 0, 1)
      if (asked.way === 'toDevice') known.card.deviceBytes = new Uint8Array(0)
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
