// The states of a board and the ways between them, as one table.

import type { BoardState } from '../contract/board.ts'

const ways: Record<BoardState, readonly BoardState[]> = {
  ready: ['leased', 'maintenance', 'quarantined', 'offline'],
  leased: ['clearing', 'quarantined', 'offline'],
  clearing: ['ready', 'quarantined', 'offline'],
  maintenance: ['clearing', 'quarantined', 'offline'],
  quarantined: ['clearing'],
  /** To itself: with another reason. */
  offline: ['offline', 'ready', 'leased', 'clearing', 'quarantined'],
}

export function mayBecome(from: BoardState, to: BoardState): boolean {
  return ways[from].includes(to)
}
