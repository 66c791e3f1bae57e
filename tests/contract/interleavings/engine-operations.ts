// What an engine does until it is stopped, what goes wrong with it on purpose, and its reset.

import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import type { FaultKind } from '../../../native/index.ts'
import { movableLocks, oneWay, rangeOf, settleMove, type Way } from './device-operations.ts'
import { type Begin, index, Operation, openCards, pick } from './operation.ts'
import type { KnownCard, KnownLock, Work, World } from './world.ts'

export const moveForever = index.map((i) => {
  const begin: Begin = (world) => {
    const writable = movableLocks(world).filter(({ record }) => record.direction !== 'toDevice')
    const known = pick(writable, i)
    if (!known) return undefined
    const { card, lock, memory, offset } = known
    const started = card.board.moveForever(lock)
    card.work = {
      lock: known,
      settle: memory.unsettleUntilOverwritten(offset, lock.byteLength),
      stop: async () => (await started).stop(),
    }
    return started.then(() => {})
  }
  return new Operation(`moveForever(${i})`, begin)
})

export const stop = index.map((i) => {
  const begin: Begin = (world) => {
    const card = pick(
      openCards(world).filter(({ work }) => work),
      i,
    )
    return card?.work && endWork(card, card.work)
  }
  return new Operation(`stop(${i})`, begin)
})

export const reset = index.map((i) => {
  const begin: Begin = (world) => {
    const card = pick(openCards(world), i)
    if (!card?.board.card.canReset) return undefined
    const { work } = card
    card.resets++
    card.resetsUnderWay++
    return unlessClosed(card, card.board.card.reset()).then(() => {
      card.resetsUnderWay--
      return work && endWork(card, work)
    })
  }
  return new Operation(`reset(${i})`, begin)
})

/** After these the move comes to its end as if nothing were wrong, or late. */
const harmless: readonly FaultKind[] = ['lostInterrupt', 'lateCompletion']
/** After these it does not end by itself. */
const lasting: readonly FaultKind[] = ['stall', 'linkLost', 'busMasterOff']
/** After these nobody knows what has been moved, but it was nothing outside of the range. */
const passing: readonly FaultKind[] = [
  ...['shortTransfer', 'iommuFault', 'dataFlip', 'wrongMagic', 'errorBits'],
] as FaultKind[]

export const fail = fc
  .record({
    ...{ lock: index, begin: fc.nat(80_000), length: fc.nat(80_000), way: oneWay },
    kind: fc.constantFrom(...harmless, ...lasting, ...lasting, ...passing),
  })
  .map((asked) => {
    const begin: Begin = (world) => {
      const { kind, way } = asked
      const known = pick(movableLocks(world), asked.lock)
      const faults = known?.card.board.faults
      if (!known || !faults) return undefined
      faults.strikeNext(kind, way)
      const range = [asked.begin, asked.length + 1] as const
      const disarm = () => known.card.state === 'open' && faults.disarm()
      if (harmless.includes(kind)) return settleMove(world, known, way, ...range).finally(disarm)
      const { settle, moved } = moveBadly(world, known, way, ...range)
      if (lasting.includes(kind)) {
        const ended = unlessClosed(known.card, moved)
        known.card.work = { lock: known, settle, stop: () => rescue(known.card, kind, ended) }
        return Promise.resolve()
      }
      world.isMoving = true
      return moved
        .then(settle)
        .finally(disarm)
        .finally(() => {
          world.isMoving = false
        })
    }
    return new Operation(`fail(${JSON.stringify(asked)})`, begin)
  })

function moveBadly(world: World, known: KnownLock, way: Way, begin: number, wanted: number) {
  const { lock, memory, card } = known
  const { from, byteLength } = rangeOf(world, lock, begin, wanted)
  if (way === 'toDevice') card.deviceBytes = new Uint8Array(0)
  const settle = way === 'fromDevice' ? memory.unsettle(known.offset + from, byteLength) : () => {}
  return { settle, moved: card.board.move(lock, way, from, byteLength) }
}

/** `ended`: the move has come to its end. */
async function rescue({ board }: KnownCard, kind: FaultKind, ended: Promise<unknown>) {
  const { card, faults } = board
  let hasEnded = false
  void ended.then(() => {
    hasEnded = true
  })
  // What is mended before it has gone wrong goes wrong afterwards.
  while (!hasEnded && !faults?.hasStruck()) await delay(1)
  if (kind === 'stall') await card.reset()
  if (kind === 'linkLost') await card.restoreLink()
  card.setBusMaster(true)
  await ended
  faults?.disarm()
}

async function endWork(card: KnownCard, work: Work): Promise<void> {
  await unlessClosed(card, work.stop())
  // A card that is being closed refuses to stop; its close says when the device has ended.
  if (card.work !== work || card.state === 'closing') return
  work.settle()
  card.work = undefined
}

/** A closed card refuses what was to be done with it, and that is right. */
async function unlessClosed(card: KnownCard, call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (card.state === 'open') throw error
  }
}
