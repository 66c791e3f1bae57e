// What a webhook is told, how it is signed, and when it is tried again. Pure; times are ms since the epoch.

import { createHmac } from 'node:crypto'

const secondMs = 1000
const shortestPauseMs = secondMs
const longestPauseMs = 10 * 60 * secondMs

/** Failing for so long, or so many events behind, it is given up on what has gathered. */
export const giveUp = { afterMs: 24 * 60 * 60 * secondMs, behind: 10_000 } as const

/**
 * Twice as long after each failure in a row, and up to a fifth longer by chance, so that many hooks of one receiver do not come
 * back together. `chance` is from 0 to 1.
 */
export function pauseMs(failures: number, chance: number): number {
  const doubled = shortestPauseMs * 2 ** Math.min(failures - 1, 20)
  return Math.min(longestPauseMs, Math.round(doubled * (1 + chance / 5)))
}

/** A clock that was put right may have left the end of a pause far ahead. */
export function isPausing({ nextAt }: { nextAt: Date | null }, now: number): boolean {
  const left = nextAt === null ? 0 : nextAt.getTime() - now
  return left > 0 && left <= longestPauseMs
}

/** The body for an event of the record. */
export function bodyOf(payload: string): string {
  const { seq: id, type, at, board = null, actor, detail = {} } = JSON.parse(payload)
  return JSON.stringify({ id, type, at, board, actor, detail })
}

/** The time is signed too, so that nobody can send an old one again. */
export function signatureOf(secret: string, body: string, now: number): string {
  const seconds = Math.floor(now / secondMs)
  const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
  return `t=${seconds},v1=${mac}`
}
