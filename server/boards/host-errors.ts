// Turns what drivers and the native layer throw into coded errors.

import { DmaError } from '../../native/index.ts'
import { DriverError, type DriverErrorCode } from '../drivers/board-driver.ts'
import { type ErrorCode, PinlabError } from '../errors.ts'

const ofDriver: Record<DriverErrorCode, ErrorCode> = {
  NOT_THIS_KIND: 'PINLAB_START_BOARD',
  UNKNOWN_CHANNEL: 'PINLAB_TRANSFER_CHANNEL_UNKNOWN',
  BUSY: 'PINLAB_TRANSFER_CHANNEL_BUSY',
  OUT_OF_RANGE: 'PINLAB_TRANSFER_OUT_OF_RANGE',
  DIRECTION: 'PINLAB_TRANSFER_DIRECTION',
  ALIGNMENT: 'PINLAB_TRANSFER_ALIGNMENT',
  TOO_LONG: 'PINLAB_TRANSFER_TOO_LONG',
  TIMED_OUT: 'PINLAB_TRANSFER_TIME_OUT',
  BOARD_FAULT: 'PINLAB_BOARD_FAULT',
  LINK_LOST: 'PINLAB_BOARD_LINK_LOST',
  NOT_IDLE: 'PINLAB_BOARD_NOT_IDLE',
  READ_ONLY: 'PINLAB_BOARD_READ_ONLY',
  MODE: 'PINLAB_TRANSFER_MODE',
}

const ofStatus: Record<string, ErrorCode> = {
  WD_INVALID_PARAMETER: 'PINLAB_LOCK_INVALID',
  WD_INSUFFICIENT_RESOURCES: 'PINLAB_LOCK_RESOURCES',
  WD_FAILED_USER_MAPPING: 'PINLAB_LOCK_RESOURCES',
  WD_TOO_MANY_HANDLES: 'PINLAB_LOCK_RESOURCES',
  WD_NOT_IMPLEMENTED: 'PINLAB_LOCK_NOT_IMPLEMENTED',
  WD_TRY_AGAIN: 'PINLAB_LOCK_BUSY',
  WD_OPERATION_ALREADY_DONE: 'PINLAB_SESSION_NOT_LOCKED',
  WD_INVALID_HANDLE: 'PINLAB_SESSION_NOT_LOCKED',
}

export function codedError(error: unknown): unknown {
  if (error instanceof DriverError) {
    return new PinlabError(ofDriver[error.code], error.message, {
      wdStatus: error.wdStatus,
      cause: error,
    })
  }
  if (error instanceof DmaError) {
    const { statusName, errno, limit, help } = error
    const members = { ...(errno ? { errno } : {}), ...(limit ? { limit } : {}) }
    const detail = [error.message, help]
      .filter((part) => part !== undefined)
      .map(asSentence)
      .join(' ')
    return new PinlabError(ofStatus[statusName] ?? 'PINLAB_LOCK_FAILED', detail, {
      wdStatus: statusName,
      members,
      cause: error,
    })
  }
  return error
}

/** The native layer says what and what helps in half sentences. */
function asSentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1)
  return begun.endsWith('.') ? begun : `${begun}.`
}

/** Runs a call into a driver or the native layer; what it throws comes out coded. */
export async function coded<T>(work: () => Promise<T> | T): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw codedError(error)
  }
}
