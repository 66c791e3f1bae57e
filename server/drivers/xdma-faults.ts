// What can go wrong with an XDMA engine, in words. Pure.

import type { Channel, FaultKind } from '../contract/board.ts'
import type { DriverError } from './board-driver.ts'
import { boardFault } from './driver-errors.ts'

export interface EngineFault {
  kind: FaultKind
  error: DriverError
}

const host = 'Check that the lock covers the range, and try again.'
const link = 'Try again; if it comes back, the link to the board is bad.'
const address = 'Check the device address.'
const card =
  'The logic on the card refuses it: check the device address, and what the card was set up for.'

type Meaning = [bit: number, what: string, toDo: string]

const descriptors: Meaning[] = [
  [4, 'a descriptor without its magic number', `Something wrote over the descriptors. ${link}`],
  [19, 'a descriptor fetch from memory that is not locked (unsupported request)', 'Try again.'],
  [20, 'a descriptor fetch that the host aborted (completer abort)', 'Try again.'],
  [21, 'a descriptor with a parity error', link],
  [22, 'a poisoned descriptor', link],
  [23, 'a descriptor that nobody had asked for (unexpected completion)', link],
]
const shapes: Meaning[] = [
  [3, 'addresses that are not aligned to each other', 'Begin at a multiple of 64 bytes.'],
  [5, 'a length that the channel does not take', 'Ask for a multiple of 64 bytes.'],
]

/** Error bits of a status word (PG195 "Channel Status"), worst first; a read means other things each way. */
const meanings: Record<Channel['direction'], Meaning[]> = {
  h2c: [
    ...descriptors,
    [9, 'a read of memory that is not locked for it (unsupported request)', host],
    [10, 'a read that the host aborted (completer abort)', host],
    [11, 'data with a parity error', link],
    [12, 'poisoned data', link],
    [13, 'data that nobody had asked for (unexpected completion)', link],
    [14, 'a write to where the card has nothing (decode error)', address],
    [15, 'a write that the card answered with an error (slave error)', card],
    ...shapes,
  ],
  c2h: [
    ...descriptors,
    [9, 'a read from where the card has nothing (decode error)', address],
    [10, 'a read that the card answered with an error (slave error)', card],
    ...shapes,
  ],
}

/** What the error bits of a status word say, and what to do about the worst of them. */
export function engineFault(status: number, direction: Channel['direction']): EngineFault {
  const [, what, toDo] = meanings[direction].find(([bit]) => status & (1 << bit)) ?? [
    0,
    'an error that this direction does not have',
    link,
  ]
  const word = `status 0x${status.toString(16)}`
  return { kind: 'engine', error: boardFault(`The engine stopped at ${what}; ${word}. ${toDo}`) }
}

/** Idle, though no descriptor that stops was finished and nobody asked it to stop. */
export function shortRun(done: number, wanted: number): EngineFault {
  return {
    kind: 'short',
    error: boardFault(`The engine was idle after ${done} of ${wanted} bytes, without an error.`),
  }
}
