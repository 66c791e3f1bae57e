// What edu can be asked to do, and the DMAs that do it. Pure, so that a request is refused before anything was touched.

import type { Channel } from '../contract/board.ts'
import { DriverError, type TransferStart } from './board-driver.ts'
import { addressWidth, bufferAddress, reachableByteLength } from './edu-registers.ts'
import { cutIntoPieces } from './lock-pieces.ts'
import { checkMemory, checkOnce } from './start-rules.ts'

/** One run of the DMA engine: from or to one run of device addresses. */
export interface EduDma {
  hostAddress: number
  boardAddress: number
  byteLength: number
}

type Request = Omit<TransferStart, 'lock'> & {
  lock: Pick<TransferStart['lock'], 'byteLength' | 'direction' | 'pages'>
}

/** Throws a DriverError that says what to change. The engine has no lists, so each page of the lock takes a DMA of its own. */
export function planDmas(channel: Channel, request: Request): EduDma[] {
  checkOnce(channel, request.mode)
  checkBuffer(request)
  checkMemory(channel, request)
  let boardAddress = bufferAddress + Number(request.deviceAddress)
  const { offset, byteLength, lock } = request
  return cutIntoPieces(lock.pages, { offset, byteLength, blockByteLength: byteLength }).map(
    (piece) => {
      if (piece.address + piece.byteLength > 2 ** addressWidth) throw outOfReach(piece.address)
      const dma = { hostAddress: piece.address, boardAddress, byteLength: piece.byteLength }
      boardAddress += piece.byteLength
      return dma
    },
  )
}

function checkBuffer({ deviceAddress, byteLength }: Request): void {
  const end = deviceAddress + BigInt(byteLength)
  if (byteLength >= 1 && deviceAddress >= 0n && end <= BigInt(reachableByteLength)) return
  throw new DriverError(
    'OUT_OF_RANGE',
    'WD_INVALID_PARAMETER',
    `edu's DMA reaches bytes 0 to ${reachableByteLength - 1} of its buffer, at least one of them: ${byteLength} bytes from ${deviceAddress} on would bring QEMU down. Transfer at most ${reachableByteLength} bytes.`,
  )
}

function outOfReach(address: number): DriverError {
  return new DriverError(
    'OUT_OF_RANGE',
    'WD_INVALID_PARAMETER',
    `edu puts out ${addressWidth} bits of an address, and the lock has memory at 0x${address.toString(16)}.`,
  )
}
