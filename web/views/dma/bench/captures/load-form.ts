// A capture into a lock, and on to a channel that plays it. Pure.

import type { Channel } from '../../../../../server/contract/board.ts'
import type { Capture } from '../../../../../server/contract/capture.ts'
import type {
  DmaSessionSummary,
  TransferMode,
  TransferRequest,
} from '../../../../../server/contract/dma-session.ts'
import { formatBytes } from '../../../../shared/format.ts'
import { parseByteLength } from '../../../../shared/parse.ts'
import { fittingLocks, usualBlockByteLength } from '../channels/transfer-form.ts'

type Lock = Pick<DmaSessionSummary, 'id' | 'byteLength' | 'direction'>
type Bytes = Pick<Capture, 'byteLength'>

/** What is played after it was loaded; `nothing` leaves it there. */
export type Play = 'nothing' | TransferMode

/** Of a channel that plays what a lock holds: a stream from the host to the board. */
export const players = (channels: Channel[]): Channel[] =>
  channels.filter(
    ({ direction, kind, unavailable }) =>
      direction === 'h2c' && kind === 'stream' && unavailable === null,
  )

export function offsetFault(typed: string, { byteLength }: Bytes, lock: Lock): string | undefined {
  const offset = parseByteLength(typed)
  if (offset === null) return 'bytes, like 4096, 0x1000 or 4 KiB'
  if (offset + byteLength <= lock.byteLength) return undefined
  return byteLength > lock.byteLength
    ? `the lock has only ${formatBytes(lock.byteLength)}`
    : `at most ${formatBytes(lock.byteLength - byteLength)}: the capture has ${formatBytes(byteLength)}`
}

/** Why it cannot be played like this; undefined if it can. */
export function playFault(
  play: Play,
  { byteLength }: Bytes,
  channel: Channel | undefined,
  lock: Lock,
): string | undefined {
  if (play === 'nothing' || !channel) return undefined
  const { id, byteLengthMultiple } = channel
  if (fittingLocks(channel, [lock]).length === 0) {
    return `${id} reads host memory: choose a lock that is “to device” or “both ways”.`
  }
  if (byteLength % byteLengthMultiple !== 0) {
    return `${id} takes multiples of ${byteLengthMultiple} bytes, and the capture is none.`
  }
  if (play === 'once') return undefined
  const block = usualBlockByteLength(byteLength)
  return block === byteLength || block % byteLengthMultiple !== 0
    ? `${formatBytes(byteLength)} are not several equal blocks, so they cannot go round and round.`
    : undefined
}

/** Of what can be played. */
export function playRequest(
  mode: TransferMode,
  { byteLength }: Bytes,
  { channel, offset }: { channel: Channel; offset: number },
): TransferRequest {
  const range = { channel: channel.id, mode, offset, byteLength }
  return mode === 'cyclic' ? { ...range, blockByteLength: usualBlockByteLength(byteLength) } : range
}
