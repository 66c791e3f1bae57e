// Waiting for a board with an end to it.

import { PinlabError } from '../errors.ts'

/** What the work comes to; rejects with `what` when it takes longer. The work itself goes on. */
export async function within<T>(limitMs: number, work: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new PinlabError('PINLAB_BOARD_FAULT', `${what} within ${limitMs / 1000} s.`))
    }, limitMs)
  })
  try {
    return await Promise.race([work, over])
  } finally {
    clearTimeout(timer)
  }
}
