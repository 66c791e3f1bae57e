// The one error of the native layer.

/** A limit of the system or the bus: a size, or a number of things. */
export type LimitHit = {
  /** e.g. `RLIMIT_MEMLOCK` */
  name: string
} & ({ byteLength: number; wantedByteLength: number } | { count: number; wantedCount: number })

export interface DmaErrorFields {
  status: number
  statusName: string
  operation: string
  errno?: string
  limit?: LimitHit
  help?: string
}

/** What a card, a lock or memory refused, and WinDriver's status for it. Messages are for people. */
export class DmaError extends Error {
  override name = 'DmaError'
  readonly status: number
  /** e.g. `WD_TRY_AGAIN` */
  readonly statusName: string
  /** The function that was called. */
  readonly operation: string
  /** Name of the system's error, where a system call failed. */
  readonly errno?: string
  /** The limit that was hit, where there was one. */
  readonly limit?: LimitHit
  /** What would help. */
  readonly help?: string

  constructor(message: string, fields: DmaErrorFields) {
    super(message)
    this.status = fields.status
    this.statusName = fields.statusName
    this.operation = fields.operation
    if (fields.errno !== undefined) this.errno = fields.errno
    if (fields.limit !== undefined) this.limit = fields.limit
    if (fields.help !== undefined) this.help = fields.help
  }
}

/** What TypeScript refuses before the addon is asked. */
const statuses = {
  WD_INVALID_HANDLE: 0x20000001,
  WD_INTERRUPT_NOT_ENABLED: 0x2000000d,
  WD_OPERATION_ALREADY_DONE: 0x20000011,
  WD_TIME_OUT_EXPIRED: 0x20000015,
  WD_INVALID_PARAMETER: 0x2000001b,
  WD_TRY_AGAIN: 0x2000001d,
  WD_OPERATION_FAILED: 0x20000020,
} as const

export function refused(
  statusName: keyof typeof statuses,
  operation: string,
  message: string,
): DmaError {
  return new DmaError(message, { status: statuses[statusName], statusName, operation })
}

export function invalid(operation: string, message: string): DmaError {
  return refused('WD_INVALID_PARAMETER', operation, message)
}

export function ended(operation: string): DmaError {
  return refused('WD_INVALID_HANDLE', operation, 'the lock has ended')
}
