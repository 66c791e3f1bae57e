// When a lease may begin and whom it obeys. Pure; time is passed in.

import type { BoardState } from '../contract/board.ts'
import type { Lease } from '../contract/lease.ts'
import { PinlabError } from '../errors.ts'

/** Refuses a board that nobody can take now. */
export function checkBoardIsFree(
  board: { id: string; state: BoardState; stateReason: string | null },
  holder: Lease | null,
): void {
  if (holder) {
    throw new PinlabError(
      'PINLAB_LEASE_TAKEN',
      `${holder.holderName} has ${board.id} until ${holder.endsAt}.`,
      {
        members: { holder: holder.holder, holderName: holder.holderName, endsAt: holder.endsAt },
      },
    )
  }
  if (board.state !== 'ready') {
    const why = board.stateReason ? `: ${board.stateReason}` : ''
    throw new PinlabError(
      'PINLAB_BOARD_NOT_READY',
      `${board.id} is ${board.state}${why}. Wait until it is ready.`,
    )
  }
}

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
  if (lease.holder !== person && !lease.members.includes(person)) {
    throw new PinlabError(
      'PINLAB_LEASE_REQUIRED',
      `${lease.holderName} has ${board} until ${lease.endsAt}.`,
      {
        members: { holder: lease.holder, holderName: lease.holderName, endsAt: lease.endsAt },
      },
    )
  }
  if (lease.state !== 'active' || Date.parse(lease.endsAt) <= now) {
    throw new PinlabError(
      'PINLAB_LEASE_ENDED',
      `Your lease of ${board} has ended. Take control again.`,
    )
  }
  return lease
}
