// When a lease may begin and whom it obeys. Pure; time is passed in.

import type { BoardState } from '../contract/board.ts'
import type { Lease } from '../contract/lease.ts'
import { PinlabError } from '../errors.ts'

/** Refuses a board that nobody can take now. */
export function checkBoardIsFree(
  board: { id: string; state: BoardState; stateReason: string | null },
  holder: Lease | null,
): void {
  if (holder) throw heldBy(holder, 'PINLAB_LEASE_TAKEN')
  if (board.state !== 'ready') {
    const why = board.stateReason ? `: ${board.stateReason}` : ''
    throw new PinlabError(
      'PINLAB_BOARD_NOT_READY',
      `${board.id} is ${board.state}${why}. Wait until it is ready.`,
    )
  }
}

export const mayControl = ({ holder, members }: Lease, person: string): boolean =>
  holder === person || members.includes(person)

/** Refuses a person who does not control the board now. */
export function checkControl(
  lease: Lease | null,
  person: string,
  board: string,
  now: number,
): Lease {
  if (!lease) {
    throw new PinlabError('PINLAB_LEASE_REQUIRED', `Take control of ${board} first.`)
  }
  if (!mayControl(lease, person)) throw heldBy(lease, 'PINLAB_LEASE_REQUIRED')
  return checkRunning(lease, now)
}

/** Refuses a lease that is over. */
export function checkRunning(lease: Lease, now: number): Lease {
  if (lease.state === 'active' && Date.parse(lease.endsAt) > now) return lease
  throw new PinlabError(
    'PINLAB_LEASE_ENDED',
    `Your lease of ${lease.board} has ended. Take control again.`,
  )
}

/** Refuses everybody but the holder. */
export function checkHolder(lease: Lease, person: string): void {
  if (lease.holder === person) return
  throw new PinlabError('PINLAB_LEASE_REQUIRED', `This lease is ${lease.holderName}'s.`)
}

function heldBy(
  { board, holder, holderName, endsAt }: Lease,
  code: 'PINLAB_LEASE_TAKEN' | 'PINLAB_LEASE_REQUIRED',
): PinlabError {
  return new PinlabError(code, `${holderName} has ${board} until ${endsAt}.`, {
    members: { holder, holderName, endsAt },
  })
}
