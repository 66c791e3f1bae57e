// What the receive channel can be asked to do, and the slots that do it. Pure, so that a request is refused before anything was
// touched.

import type { Channel } from '../contract/board.ts'
import { DriverError, type TransferStart } from './board-driver.ts'
import { slotByteLength } from './e1000e-frames.ts'
import { cutIntoPieces } from './lock-pieces.ts'
import { checkStart } from './start-rules.ts'

/** RDLEN counts descriptors of 16 bytes, eight at a time, up to 0xFFF80 bytes. */
export const ringStep = 8
const mostDescriptors = 0xfff80 / 16

type Request = Omit<TransferStart, 'lock'> & {
  lock: Pick<TransferStart['lock'], 'byteLength' | 'direction' | 'pages' | 'userBytes'>
}

/** Device addresses of the slots. Throws a DriverError that says what to change. */
export function planSlots(channel: Channel, request: Request): number[] {
  const { lock, mode, offset, byteLength } = request
  checkStart(channel, request)
  if (mode === 'cyclic' && byteLength % (ringStep * slotByteLength) !== 0) {
    throw refused(
      'ALIGNMENT',
      `A ring must be a multiple of ${ringStep * slotByteLength} bytes (${ringStep} frames); ${byteLength} is not.`,
    )
  }
  if (byteLength / slotByteLength > mostDescriptors - ringStep) {
    const most = (mostDescriptors - ringStep) * slotByteLength
    throw refused('TOO_LONG', `At most ${most} bytes can be received into.`)
  }
  if (lock.userBytes.byteLength === 0) {
    throw refused(
      'MODE',
      'The lengths of frames are written beside them: lock without KERNEL_ONLY_MAP.',
    )
  }
  const pieces = cutIntoPieces(lock.pages, { offset, byteLength, blockByteLength: slotByteLength })
  if (pieces.some((piece) => piece.byteLength !== slotByteLength)) {
    throw refused(
      'ALIGNMENT',
      `Frames need slots of ${slotByteLength} bytes within one page: choose an offset that puts them at multiples of ${slotByteLength} in the memory's pages.`,
    )
  }
  return pieces.map(({ address }) => address)
}

function refused(code: 'ALIGNMENT' | 'TOO_LONG' | 'MODE', message: string): DriverError {
  const wdStatus = code === 'TOO_LONG' ? 'WD_INSUFFICIENT_RESOURCES' : 'WD_INVALID_PARAMETER'
  return new DriverError(code, wdStatus, message)
}
