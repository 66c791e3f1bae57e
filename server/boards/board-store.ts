// The boards' rows: state, since when, why.

import type { BoardState, ClearingStep } from '../contract/board.ts'
import type { Reader, Transaction } from '../plugins/database/database.ts'
import { mayBecome } from './board-state.ts'

export interface BoardRow {
  id: string
  state: BoardState
  stateSince: Date
  stateReason: string | null
  step: ClearingStep | null
  dirty: boolean
}

export function readBoard(reader: Reader | Transaction, id: string): Promise<BoardRow | null> {
  return reader.board.findUnique({ where: { id } })
}

export const readBoards = (reader: Reader): Promise<BoardRow[]> => reader.board.findMany()

export async function readBoardsIn(reader: Reader, state: BoardState): Promise<string[]> {
  const rows = await reader.board.findMany({ where: { state }, select: { id: true } })
  return rows.map(({ id }) => id)
}

/** A board of the configuration that the database has not seen. */
export async function addBoard(tx: Transaction, id: string, at: Date): Promise<void> {
  await tx.board.create({ data: { id, state: 'ready', stateSince: at } })
}

/** Throws where the table of states has no such way: that is a mistake of ours. */
export async function setBoardState(
  tx: Transaction,
  change: { id: string; state: BoardState; at: Date; reason?: string },
): Promise<void> {
  const { id, state, at, reason } = change
  const before = await tx.board.findUniqueOrThrow({ where: { id } })
  if (!mayBecome(before.state, state)) {
    throw new Error(`board ${id} cannot go from ${before.state} to ${state}`)
  }
  await tx.board.update({
    where: { id },
    data: { state, stateSince: at, stateReason: reason ?? null, step: null },
  })
}

export async function setClearingStep(
  tx: Transaction,
  id: string,
  step: ClearingStep | null,
): Promise<void> {
  await tx.board.update({ where: { id }, data: { step } })
}

/** False when it was said already. */
export async function setDirtyMemory(
  tx: Transaction,
  id: string,
  dirty: boolean,
): Promise<boolean> {
  const { count } = await tx.board.updateMany({
    where: { id, dirty: !dirty },
    data: { dirty },
  })
  return count === 1
}
