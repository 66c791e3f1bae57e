// What an NVMe namespace can be asked to do, and the commands that do it. Pure, so that a request is refused before anything was
// touched.

import type { Channel } from '../contract/board.ts'
import { DriverError, type TransferStart } from './board-driver.ts'
import { cutIntoPieces } from './lock-pieces.ts'
import {
  type BlockCommand,
  fitsPages,
  groupCommands,
  maxCommandByteLength,
} from './nvme-commands.ts'
import { checkMemory, checkOnce } from './start-rules.ts'

export interface NvmeLimits {
  writable: boolean
  blockCount: number
  blockByteLength: number
  maxTransferByteLength: number
  takesScatterGather: boolean
}

type Request = Omit<TransferStart, 'lock'> & {
  lock: Pick<TransferStart['lock'], 'byteLength' | 'direction' | 'pages'>
}

/** Throws a DriverError that says what to change. */
export function planCommands(
  channel: Channel,
  request: Request,
  limits: NvmeLimits,
): BlockCommand[] {
  if (channel.direction === 'h2c' && !limits.writable) throw readOnly()
  checkOnce(channel, request.mode)
  checkMemory(channel, request)
  checkBlocks(request, limits)
  const pieces = cutIntoPieces(request.lock.pages, {
    offset: request.offset,
    byteLength: request.byteLength,
    blockByteLength: Math.min(limits.maxTransferByteLength, maxCommandByteLength),
  })
  const { blockByteLength, takesScatterGather } = limits
  const commands = groupCommands(pieces, Number(request.deviceAddress), blockByteLength)
  if (!takesScatterGather && commands.some((command) => !fitsPages(command.pieces))) {
    throw new DriverError(
      'ALIGNMENT',
      'WD_INVALID_PARAMETER',
      'This controller needs memory that begins at a multiple of 4 bytes. Choose another offset.',
    )
  }
  return commands
}

/** Why the channel that writes cannot be started, for people. */
export const readOnlyReason =
  'The board may only be read: its entry in pinlab.yaml does not say `writable: true`.'

function readOnly(): DriverError {
  return new DriverError('READ_ONLY', 'WD_OPERATION_FAILED', readOnlyReason)
}

function checkBlocks({ deviceAddress, byteLength }: Request, limits: NvmeLimits): void {
  const { blockCount, blockByteLength } = limits
  const end = deviceAddress + BigInt(byteLength / blockByteLength)
  if (deviceAddress >= 0n && end <= BigInt(blockCount)) return
  throw new DriverError(
    'OUT_OF_RANGE',
    'WD_INVALID_PARAMETER',
    `The namespace has ${blockCount} blocks of ${blockByteLength} bytes; blocks ${deviceAddress} to ${end} are not all there. A device address counts blocks.`,
  )
}
