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

const oneWay = fc.constantFrom('toDevice', 'fromDevice' as const)

/** Held or not: an unlock meanwhile ends the access, and then nobody knows how far it came. */
export const move = fc
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
export const moveOutside = fc
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
