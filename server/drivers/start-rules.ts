// What a channel can be asked to do, whatever the board. Pure, so that a request is refused before anything was touched.

import type { Channel } from '../contract/board.ts'
import { DriverError, type TransferStart } from './board-driver.ts'
import { boardFault } from './driver-errors.ts'

type Request = Pick<
  TransferStart,
  'mode' | 'offset' | 'byteLength' | 'blockByteLength' | 'deviceAddress'
> & {
  lock: { byteLength: number; direction: TransferStart['lock']['direction'] }
}

/** Throws a DriverError that says what to change. */
export function checkStart(channel: Channel, request: Request): void {
  checkMemory(channel, request)
  checkDeviceAddress(channel, request)
}

/** The part of it that is about the lock. */
export function checkMemory(channel: Channel, request: Request): void {
  const { lock, mode, offset, byteLength, blockByteLength } = request
  if (offset < 0 || byteLength < 1 || offset + byteLength > lock.byteLength) {
    throw new DriverError(
      'OUT_OF_RANGE',
      'WD_INVALID_PARAMETER',
      `Bytes ${offset} to ${offset + byteLength} are outside the lock of ${lock.byteLength} bytes.`,
    )
  }
  const needs = channel.direction === 'h2c' ? 'toDevice' : 'fromDevice'
  if (lock.direction !== 'toFromDevice' && lock.direction !== needs) {
    throw new DriverError(
      'DIRECTION',
      'WD_INVALID_PARAMETER',
      `${channel.id} needs a lock that is ${needs} or toFromDevice; this one is ${lock.direction}.`,
    )
  }
  checkMultiple(channel, byteLength, 'The length')
  if (mode === 'cyclic') checkRing(channel, { byteLength, blockByteLength })
}

function checkDeviceAddress(channel: Channel, request: Request): void {
  if (channel.kind === 'stream' && request.deviceAddress !== 0n) {
    throw new DriverError(
      'OUT_OF_RANGE',
      'WD_INVALID_PARAMETER',
      `${channel.id} is a stream and has no device address.`,
    )
  }
  if (
    channel.deviceByteLength !== null &&
    request.deviceAddress + BigInt(request.byteLength) > BigInt(channel.deviceByteLength)
  ) {
    throw new DriverError(
      'OUT_OF_RANGE',
      'WD_INVALID_PARAMETER',
      `The card has ${channel.deviceByteLength} bytes of memory behind ${channel.id}.`,
    )
  }
}

/** For engines that have no ring. */
export function checkOnce(channel: Channel, mode: TransferStart['mode']): void {
  if (mode === 'once') return
  throw new DriverError(
    'MODE',
    'WD_NOT_IMPLEMENTED',
    `${channel.id} has no ring of its own: use mode once, and start it again for more.`,
  )
}

export const busMasterOff =
  'Bus mastering is off, because the board was not known to be idle. Reset the board.'

/** Some engines "complete" without it, and move nothing. */
export function checkBusMaster(card: { busMaster: boolean }): void {
  if (!card.busMaster) throw boardFault(busMasterOff)
}

function checkRing(channel: Channel, ring: { byteLength: number; blockByteLength: number }): void {
  if (ring.byteLength % ring.blockByteLength !== 0 || ring.byteLength < 2 * ring.blockByteLength) {
    throw new DriverError(
      'ALIGNMENT',
      'WD_INVALID_PARAMETER',
      `A ring needs at least two equal blocks: ${ring.byteLength} bytes are not a multiple of ${ring.blockByteLength}, or only one.`,
    )
  }
  checkMultiple(channel, ring.blockByteLength, 'The block')
}

function checkMultiple(channel: Channel, byteLength: number, what: string): void {
  if (byteLength % channel.byteLengthMultiple !== 0) {
    throw new DriverError(
      'ALIGNMENT',
      'WD_INVALID_PARAMETER',
      `${what} must be a multiple of ${channel.byteLengthMultiple} bytes on ${channel.id}; ${byteLength} is not.`,
    )
  }
}
