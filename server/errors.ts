// The catalogue of coded errors: each code with its HTTP status and title. Details say what happened and what to do.

import type { Problem } from './contract/schema.ts'

const catalogue = {
  PINLAB_REQUEST_INVALID: [400, 'The request is not valid'],
  PINLAB_REQUEST_MALFORMED: [400, 'The request body is not JSON'],
  PINLAB_REQUEST_TOO_LARGE: [413, 'The request body is too large'],
  PINLAB_REQUEST_MEDIA_TYPE: [415, 'This media type is not accepted here'],
  PINLAB_REQUEST_RANGE: [416, 'The range is outside the buffer'],
  PINLAB_REQUEST_ORIGIN: [403, 'The request comes from another site'],
  PINLAB_REQUEST_PRECONDITION: [428, 'If-Match is missing'],
  PINLAB_REQUEST_STALE: [412, 'Somebody else was quicker'],
  PINLAB_ROUTE_UNKNOWN: [404, 'There is nothing at this address'],

  PINLAB_SIGN_IN_REQUIRED: [401, 'You are not signed in'],
  PINLAB_SIGN_IN_FAILED: [401, 'The sign-in failed'],
  PINLAB_SIGN_IN_TOO_MANY: [429, 'Too many attempts'],
  PINLAB_SIGN_IN_UNKNOWN: [404, 'There is no such sign-in'],
  PINLAB_PROVIDER_FAILED: [502, 'The provider did not sign you in'],
  PINLAB_PROVIDER_UNKNOWN: [403, 'This lab does not know you'],
  PINLAB_PERMISSION_DENIED: [403, 'Your role does not allow this'],
  PINLAB_CONFIRMATION_NEEDED: [403, 'Confirm that it is you'],
  PINLAB_PASSWORD_WEAK: [400, 'The password is too easy to guess'],
  PINLAB_SET_UP_TOKEN: [403, 'The set-up token is wrong'],
  PINLAB_TOKEN_LIMIT: [409, 'The limit of tokens is reached'],
  PINLAB_TOKEN_UNKNOWN: [404, 'There is no such token'],
  PINLAB_PERSON_UNKNOWN: [404, 'There is no such person'],
  PINLAB_PERSON_LOGIN_TAKEN: [409, 'This login is taken'],
  PINLAB_PERSON_LAST_ADMIN: [409, 'The last administrator stays'],
  PINLAB_PERSON_DISABLED: [409, 'The account is disabled'],
  PINLAB_PERSON_NOT_DISABLED: [409, 'The account is not disabled'],
  PINLAB_LINK_UNKNOWN: [404, 'The link is not valid'],

  PINLAB_BOARD_UNKNOWN: [404, 'There is no such board'],
  PINLAB_BOARD_NOT_READY: [409, 'The board cannot be used now'],
  PINLAB_BOARD_NOT_QUARANTINED: [409, 'The board is not out of use'],
  PINLAB_BOARD_FAULT: [502, 'The board reported a fault'],
  PINLAB_BOARD_LINK_LOST: [502, 'The board does not answer'],
  PINLAB_BOARD_NOT_IDLE: [502, 'The board cannot be brought to rest'],
  PINLAB_BOARD_RESET: [409, 'The board was reset'],
  PINLAB_BOARD_READ_ONLY: [403, 'The board may not be written'],
  PINLAB_REGISTER_UNKNOWN: [404, 'The board has no such register'],
  PINLAB_REGISTER_REFUSED: [403, 'This register is not open to people'],
  PINLAB_REGISTER_TIME_OUT: [504, 'The register did not take the value in time'],

  PINLAB_LEASE_UNKNOWN: [404, 'There is no such lease'],
  PINLAB_LEASE_TAKEN: [409, 'Somebody has the board'],
  PINLAB_LEASE_REQUIRED: [403, 'This needs the lease of the board'],
  PINLAB_LEASE_ENDED: [409, 'The lease has ended'],

  PINLAB_LEASE_MEMBERS: [400, 'These people cannot be members'],

  PINLAB_BOOKING_UNKNOWN: [404, 'There is no such booking'],
  PINLAB_BOOKING_OVERLAP: [409, 'Somebody has booked this time'],
  PINLAB_BOOKING_TIMES: [400, 'These times cannot be booked'],
  PINLAB_BOOKING_PAST: [409, 'This time has passed'],
  PINLAB_BOOKING_LENGTH: [409, 'The booking is longer than the rules allow'],
  PINLAB_BOOKING_HORIZON: [409, 'The booking is further ahead than the rules allow'],
  PINLAB_BOOKING_CONCURRENT: [409, 'You have as many bookings as the rules allow'],
  PINLAB_BOOKING_WEEKLY: [409, 'These are more hours in a week than the rules allow'],
  PINLAB_BOOKING_NOT_YOURS: [403, 'This booking is somebody else’s'],
  PINLAB_BOOKING_STARTED: [409, 'The booking has begun'],
  PINLAB_BOOKING_ENDED: [409, 'The booking has ended'],
  PINLAB_BOOKING_SERIES: [409, 'Not all of the series can be booked'],
  PINLAB_MAINTENANCE_CONFLICT: [409, 'Bookings are in the way of the maintenance'],
  PINLAB_POLICY_INVALID: [400, 'These rules cannot be'],

  PINLAB_QUEUE_WAITING: [409, 'Others wait for the board'],
  PINLAB_QUEUE_JOINED: [409, 'You wait already'],
  PINLAB_QUEUE_HOLDER: [409, 'You have the board'],
  PINLAB_QUEUE_LIMIT: [409, 'The waiting line is full'],
  PINLAB_QUEUE_TAGS: [404, 'No board has these tags'],
  PINLAB_QUEUE_UNKNOWN: [404, 'You do not wait here'],

  PINLAB_CALENDAR_UNKNOWN: [404, 'There is no such calendar'],

  PINLAB_BACKUP_REFUSED: [409, 'The backup cannot be made or used'],
  PINLAB_AUDIT_PRUNE: [409, 'This part of the audit log cannot be removed'],

  PINLAB_CLOCK_STEPPED: [503, 'The clock of the host was moved'],

  PINLAB_LOCK_INVALID: [400, 'The lock cannot be made as asked'],
  PINLAB_LOCK_LIMIT: [409, 'The limit for locked memory or locks is reached'],
  PINLAB_LOCK_RESOURCES: [507, 'The host has not enough memory or addresses for the lock'],
  PINLAB_LOCK_NOT_IMPLEMENTED: [501, 'This option is not implemented'],
  PINLAB_LOCK_BUSY: [409, 'A transfer is using the lock'],
  PINLAB_LOCK_FAILED: [500, 'The lock failed'],

  PINLAB_SESSION_UNKNOWN: [404, 'There is no such DMA session'],
  PINLAB_SESSION_NOT_LOCKED: [409, 'The memory of this DMA session is not locked'],

  PINLAB_TRANSFER_UNKNOWN: [404, 'There is no such transfer'],
  PINLAB_TRANSFER_CHANNEL_UNKNOWN: [404, 'The board has no such channel'],
  PINLAB_TRANSFER_CHANNEL_BUSY: [409, 'The channel is busy'],
  PINLAB_TRANSFER_OUT_OF_RANGE: [400, 'The range is outside the lock or the board'],
  PINLAB_TRANSFER_DIRECTION: [409, 'The lock does not allow this direction'],
  PINLAB_TRANSFER_MODE: [409, 'The channel cannot be started like this'],
  PINLAB_TRANSFER_ALIGNMENT: [400, 'The length does not suit the channel'],
  PINLAB_TRANSFER_TOO_LONG: [409, 'The transfer needs too many descriptors'],
  PINLAB_TRANSFER_TIME_OUT: [504, 'The transfer did not end in time'],
  PINLAB_VERIFY_INCOMPLETE: [409, 'The pattern did not go out and come back'],

  PINLAB_DATA_TOO_LARGE: [413, 'More than 16 MiB at once'],
  PINLAB_DATA_FORMAT: [400, 'This format cannot hold the data'],

  PINLAB_CAPTURE_UNKNOWN: [404, 'There is no such capture'],
  PINLAB_CAPTURE_LIMIT: [409, 'The limit of captures is reached'],
  PINLAB_CAPTURE_FILE: [400, 'The file cannot become a capture'],
  PINLAB_CAPTURE_DISK: [507, 'The disk did not take the capture'],
  PINLAB_CAPTURE_LOST: [500, 'The bytes of the capture are lost'],
  PINLAB_CAPTURE_TIME_OUT: [504, 'The capture was not saved in time'],

  PINLAB_RECIPE_UNKNOWN: [404, 'There is no such recipe'],
  PINLAB_RECIPE_INVALID: [400, 'The recipe cannot be run as written'],
  PINLAB_RECIPE_LIMIT: [409, 'The limit of recipes is reached'],
  PINLAB_RECIPE_RUNNING: [409, 'A recipe runs on the board'],
  PINLAB_RECIPE_RUN_UNKNOWN: [404, 'There is no such run'],
  PINLAB_RECIPE_WAIT: [504, 'The transfer did not come so far'],

  PINLAB_LIVE_MESSAGE_INVALID: [400, 'The message is not valid'],
  PINLAB_LIVE_ID_IN_USE: [409, 'The id is in use on this connection'],
  PINLAB_LIVE_SOCKET_LIMIT: [429, 'Too many live connections'],
  PINLAB_LIVE_VIEW_LIMIT: [409, 'The limit of views on one connection is reached'],
  PINLAB_LIVE_TRIGGER_INVALID: [400, 'The view cannot have this trigger'],
  PINLAB_LIVE_OUT_OF_RANGE: [400, 'The window is outside the lock'],

  PINLAB_AUDIT_RANGE: [400, 'The record has no such events'],
  PINLAB_AUDIT_EXPORTS: [429, 'Too many exports at once'],

  PINLAB_SERVER_RESTARTED: [500, 'The server was restarted'],
  PINLAB_SERVER_BUSY: [503, 'The server is busy'],
  PINLAB_SERVER_DATABASE: [503, 'The record cannot be written'],
  PINLAB_SERVER_INTERNAL: [500, 'Something went wrong inside Pinlab'],

  PINLAB_START_AUDIT_KEY: [500, 'The key of the audit log cannot be used'],
  PINLAB_START_SPOOL: [500, 'The spool of the audit log cannot be used'],
  PINLAB_START_CONFIG: [500, 'The configuration is not valid'],
  PINLAB_START_BOARD: [500, 'A board cannot be opened'],
  PINLAB_START_NETWORK: [500, 'Pinlab will not face the network like this'],
  PINLAB_START_PORT_IN_USE: [500, 'The port is in use'],
  PINLAB_START_DATA_FOLDER: [500, 'The data folder cannot be used'],
  PINLAB_START_DATABASE_IN_USE: [500, 'Another Pinlab uses this data folder'],
  PINLAB_START_DATABASE_NEWER: [500, 'The database was made by a newer Pinlab'],
  PINLAB_START_MIGRATION: [500, 'The database could not be brought up to date'],
} as const satisfies Record<string, readonly [status: number, title: string]>

export type ErrorCode = keyof typeof catalogue

export interface ErrorExtra {
  /** WinDriver status of the same meaning, e.g. WD_TRY_AGAIN. */
  wdStatus?: string | null
  /** Further members of the problem document: what helps. */
  members?: Record<string, unknown>
  cause?: unknown
}

/** An error that its reader can act on: a code of the catalogue and what happened. */
export class PinlabError extends Error {
  override name = 'PinlabError'
  readonly status: number
  readonly title: string
  readonly wdStatus: string | null
  readonly members: Record<string, unknown>

  constructor(
    readonly code: ErrorCode,
    detail: string,
    extra: ErrorExtra = {},
  ) {
    super(detail, extra.cause === undefined ? undefined : { cause: extra.cause })
    ;[this.status, this.title] = catalogue[code]
    this.wdStatus = extra.wdStatus ?? null
    this.members = extra.members ?? {}
  }
}

/** The problem document of any error. What is not a PinlabError is ours to mend, and its text stays in the log. */
export function problemOf(error: unknown, requestId: string): Problem {
  const known =
    error instanceof PinlabError
      ? error
      : new PinlabError(
          'PINLAB_SERVER_INTERNAL',
          `The server's log says more under request ${requestId}.`,
        )
  return {
    type: `urn:pinlab:error:${known.code}`,
    title: known.title,
    status: known.status,
    detail: known.message,
    code: known.code,
    ...(known.wdStatus ? { wdStatus: known.wdStatus } : {}),
    requestId,
    ...known.members,
  }
}
