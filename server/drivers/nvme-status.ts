// What the status of an NVMe completion says, in words (NVM Express base specification 1.4, figures 126 to 131). Pure.

import { DriverError, type DriverErrorCode } from './board-driver.ts'

/** By status code type << 8 | status code. */
const meanings: Record<number, [text: string, code?: DriverErrorCode]> = {
  1: ['invalid command opcode'],
  2: ['invalid field in the command'],
  4: ['data transfer error'],
  6: ['internal error'],
  7: ['command aborted'],
  11: ['invalid namespace or format'],
  19: ['PRP offset invalid', 'ALIGNMENT'],
  32: ['namespace is write protected', 'READ_ONLY'],
  128: ['LBA out of range', 'OUT_OF_RANGE'],
  129: ['capacity exceeded', 'OUT_OF_RANGE'],
  130: ['namespace not ready'],
  256: ['invalid completion queue'],
  257: ['invalid queue identifier'],
  258: ['invalid queue size'],
  264: ['invalid interrupt vector'],
  386: ['attempted write to a read-only range', 'READ_ONLY'],
  640: ['write fault'],
  641: ['unrecovered read error'],
  642: ['guard check error'],
  646: ['access denied'],
  647: ['deallocated or unwritten block'],
}

/** `status` is the completion's field without its phase bit: code 7:0, type 10:8, more 13, do not retry 14. */
export function nvmeError(command: string, status: number): DriverError {
  const [text, code = 'BOARD_FAULT'] = meanings[status & 0x7ff] ?? ['unknown status']
  return new DriverError(
    code,
    code === 'BOARD_FAULT' ? 'WD_OPERATION_FAILED' : 'WD_INVALID_PARAMETER',
    `${command} ended with NVMe status 0x${status.toString(16)}: ${text}.`,
  )
}
