// The tables of states, held against what they are for.

import { describe, expect, it } from 'vitest'
import { mayBecome } from '../../../server/boards/board-state.ts'
import { bookingWays, leaseWays, queueWays } from '../../../server/bookings/booking-state.ts'
import type { BoardState } from '../../../server/contract/board.ts'

const tables: Record<string, Record<string, readonly string[]>> = {
  booking: bookingWays,
  lease: leaseWays,
  queue: queueWays,
}
const boardStates: BoardState[] = [
  'ready',
  'leased',
  'clearing',
  'maintenance',
  'quarantined',
  'offline',
]

describe.each(Object.entries(tables))('the states of a %s', (_, table) => {
  it('all lead to an end, from which nothing leads', () => {
    const ends = Object.keys(table).filter((state) => table[state]?.length === 0)
    expect(ends.length).toBeGreaterThan(0)
    for (const state of Object.keys(table))
      expect(reachable(table, state).some(isIn(ends))).toBe(true)
  })

  it('are all reached from the first one', () => {
    const [first = ''] = Object.keys(table)
    expect(new Set(reachable(table, first))).toEqual(new Set(Object.keys(table)))
  })
})

describe('the states of a board', () => {
  it('let nobody have a board but from ready, or theirs again after it was offline', () => {
    const before = boardStates.filter((state) => mayBecome(state, 'leased'))
    expect(before).toEqual(['ready', 'offline'])
  })

  it('lead from a lease to ready only through clearing', () => {
    expect(mayBecome('leased', 'ready')).toBe(false)
    expect(mayBecome('leased', 'clearing')).toBe(true)
    expect(mayBecome('clearing', 'ready')).toBe(true)
  })

  it('lead out of quarantine and maintenance only through clearing', () => {
    for (const state of ['quarantined', 'maintenance'] as const) {
      expect(mayBecome(state, 'clearing')).toBe(true)
      for (const to of ['ready', 'leased'] as const) expect(mayBecome(state, to)).toBe(false)
    }
  })
})

const isIn = (list: string[]) => (state: string) => list.includes(state)

function reachable(table: Record<string, readonly string[]>, from: string): string[] {
  const found = [from]
  for (const state of found) {
    for (const next of table[state] ?? []) if (!found.includes(next)) found.push(next)
  }
  return found
}
