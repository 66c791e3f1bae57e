// What goes wrong on every kind of board, in words. Pure.

import { DriverError } from './board-driver.ts'

export function unknownChannel(channel: string): DriverError {
  return new DriverError(
    'UNKNOWN_CHANNEL',
    'WD_INVALID_PARAMETER',
    `There is no channel ${channel}.`,
  )
}

export function busy(channel: string): DriverError {
  return new DriverError('BUSY', 'WD_TRY_AGAIN', `${channel} is running. Stop it first.`)
}

export function notThisKind(message: string): DriverError {
  return new DriverError('NOT_THIS_KIND', 'WD_DEVICE_NOT_FOUND', message)
}

/** Bus mastering stays off: the engine may still be at work in somebody's memory. */
export function notIdle(message: string): DriverError {
  return new DriverError('NOT_IDLE', 'WD_TIME_OUT_EXPIRED', message)
}

export function linkLost(): DriverError {
  return new DriverError(
    'LINK_LOST',
    'WD_OPERATION_FAILED',
    'The board does not answer: every register reads all ones.',
  )
}

export function timedOut(timeoutMs: number): DriverError {
  return new DriverError(
    'TIMED_OUT',
    'WD_TIME_OUT_EXPIRED',
    `The transfer was stopped after ${timeoutMs} ms.`,
  )
}

export function boardFault(message: string): DriverError {
  return new DriverError('BOARD_FAULT', 'WD_OPERATION_FAILED', message)
}
