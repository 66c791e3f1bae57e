// One opened board for each test, closed after it.

import { afterEach, beforeEach } from 'vitest'
import type { Bus, OpenedBoard } from './bus.ts'

/** Call inside a describe; the board is there while a test runs. */
export function eachBoard(bus: Bus): { readonly board: OpenedBoard } {
  let board: OpenedBoard | undefined
  beforeEach(async () => {
    board = await bus.open()
  })
  afterEach(async () => {
    await board?.close()
    board = undefined
  })
  return {
    get board() {
      if (!board) throw new Error('no test is running')
      return board
    },
  }
}
