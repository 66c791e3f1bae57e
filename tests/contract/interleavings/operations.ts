// All that can be done, alone and several at once.

import fc from 'fast-check'
import { move, moveOutside, write } from './device-operations.ts'
import { fail, moveForever, reset, stop } from './engine-operations.ts'
import {
  attach,
  free,
  hold,
  lockContiguous,
  lockScatterGather,
  release,
  unlock,
} from './lock-operations.ts'
import { type Begin, index, Operation, openCards, pick } from './operation.ts'
import { endWorker, killWorker, startWorker } from './worker-operations.ts'
import { endLocksOf } from './world.ts'

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
const rarer = [moveOutside, moveForever, fail, stop, reset, free, open]
const workers = [startWorker, endWorker, killWorker]

/** Several calls, none of which waits for another. */
const together = fc
  .array(
    fc.oneof(
      ...[lockScatterGather, lockContiguous, attach, unlock, hold, move, close],
      ...[moveForever, stop, fail, reset, free, ...workers],
    ),
    { minLength: 2, maxLength: 5 },
  )
  .map((operations) => {
    const begin: Begin = (world) =>
      Promise.all(operations.map((operation) => operation.begin(world))).then(() => {})
    return new Operation(`together(${operations.join(', ')})`, begin)
  })

/** So often as they are named. After a close little is left to do, so that it is one of the rarest. */
export const operations = [
  ...[...alone, ...alone, ...alone, lockScatterGather, move, move],
  ...[...rarer, moveForever, fail, stop, open],
  ...[together, together, together, together],
  ...[close, ...workers],
]
