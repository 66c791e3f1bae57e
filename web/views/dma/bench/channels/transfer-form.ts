// What the start form holds for one channel, its defaults, and the request it makes.

import type { Channel } from '../../../../../server/contract/board.ts'
import type {
  DmaSessionSummary,
  TransferMode,
  TransferRequest,
  VerifyRequest,
} from '../../../../../server/contract/dma-session.ts'
import { maxVerifyByteLength } from '../../../../../server/contract/limits.ts'
import { formatBytes } from '../../../../shared/format.ts'
import { parseByteLength, parseWord } from '../../../../shared/parse.ts'

/** Verify is two transfers, out and back. */
export type FormMode = TransferMode | 'verify'

export interface TransferForm {
  session: string
  mode: FormMode
  /** Of verify. */
  pattern: VerifyRequest['pattern']
  offset: string
  byteLength: string
  blockByteLength: string
  deviceAddress: string
  timeoutMs: string
}

export type TransferFaults = { [field in keyof TransferForm]?: string | undefined }

const usualBlock = 64 * 1024
const usualTimeoutMs = 10_000
const longestVerifyMs = 60_000

type Lock = Pick<DmaSessionSummary, 'id' | 'byteLength' | 'direction'>

/** Locks whose direction the channel can use. */
export function fittingLocks<T extends Lock>(channel: Channel, locks: T[]): T[] {
  const needed = channel.direction === 'c2h' ? 'fromDevice' : 'toDevice'
  return locks.filter(({ direction }) => direction === needed || direction === 'toFromDevice')
}

export function newTransferForm(channel: Channel, lock: Lock): TransferForm {
  const streams = channel.kind === 'stream'
  const byteLength = usualByteLength(channel, lock.byteLength)
  return {
    session: lock.id,
    mode: usualMode(channel),
    pattern: 'prbs31',
    offset: '0',
    byteLength: asTyped(byteLength),
    blockByteLength: asTyped(usualBlockByteLength(byteLength)),
    deviceAddress: streams ? '' : channel.deviceBlockByteLength > 1 ? '0' : '0x0',
    timeoutMs: String(usualTimeoutMs),
  }
}

/** The channel on which what goes out by this one comes back, or the other way round; null where there is none. */
export function pairOf(channel: Channel, channels: readonly Channel[]): Channel | null {
  const others = channels.filter(
    ({ kind, direction, unavailable }) =>
      kind === 'memory' && direction !== channel.direction && unavailable === null,
  )
  if (channel.kind !== 'memory') return null
  return others.find(({ id }) => id.slice(3) === channel.id.slice(3)) ?? others[0] ?? null
}

function usualMode({ kind, direction, modes }: Channel): TransferMode {
  const wanted = kind === 'stream' && direction === 'c2h' ? 'cyclic' : 'once'
  return modes.includes(wanted) ? wanted : (modes[0] ?? wanted)
}

/** The whole lock, as far as the board's memory and its granularity go. */
function usualByteLength({ deviceByteLength, byteLengthMultiple }: Channel, lock: number): number {
  const reach = deviceByteLength ? Math.min(lock, deviceByteLength) : lock
  return Math.max(reach - (reach % byteLengthMultiple), Math.min(byteLengthMultiple, lock))
}

/** 64 KiB, or the next smaller power of two that divides the range at least twice; the whole range if there is none. */
export function usualBlockByteLength(byteLength: number): number {
  for (let block = usualBlock; block >= 64; block /= 2) {
    if (byteLength % block === 0 && byteLength > block) return block
  }
  return byteLength
}

/** As a person would write it: with a unit where that is exact. */
export function asTyped(byteLength: number): string {
  const exact = byteLength > 0 && byteLength % 1024 === 0
  return exact && byteLength % 1024 ** 2 === 0
    ? `${byteLength / 1024 ** 2} MiB`
    : exact
      ? `${byteLength / 1024} KiB`
      : String(byteLength)
}

export function transferFaults(form: TransferForm, channel: Channel, lock: Lock): TransferFaults {
  const offset = parseByteLength(form.offset)
  const byteLength = parseByteLength(form.byteLength)
  const faults: TransferFaults = {}
  if (offset === null || offset >= lock.byteLength) faults.offset = 'an offset within the lock'
  if (!byteLength) faults.byteLength = 'bytes, like 65536, 0x10000 or 64 KiB'
  else if (byteLength % channel.byteLengthMultiple !== 0) {
    faults.byteLength = `a multiple of ${channel.byteLengthMultiple} bytes`
  } else if (offset !== null && offset + byteLength > lock.byteLength) {
    faults.byteLength = `at most ${formatBytes(lock.byteLength - offset)} from this offset`
  }
  if (form.mode === 'verify') Object.assign(faults, verifyFaults(form, lock, byteLength ?? 0))
  else if (form.mode === 'cyclic') faults.blockByteLength = blockFault(form, channel, byteLength)
  else if (!isTimeout(form.timeoutMs)) faults.timeoutMs = 'milliseconds, up to a day; empty waits'
  if (channel.kind === 'memory') {
    faults.deviceAddress = deviceAddressFault(form, channel, byteLength ?? 0)
  }
  return Object.fromEntries(Object.entries(faults).filter(([, fault]) => fault)) as TransferFaults
}

function verifyFaults(form: TransferForm, lock: Lock, byteLength: number): TransferFaults {
  const timeoutMs = Number(form.timeoutMs)
  return {
    ...(lock.direction !== 'toFromDevice' && { mode: 'It needs a lock “both ways”.' }),
    ...(byteLength > maxVerifyByteLength && {
      byteLength: `at most ${formatBytes(maxVerifyByteLength)}`,
    }),
    ...(!(Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= longestVerifyMs) && {
      timeoutMs: 'milliseconds, up to a minute',
    }),
  }
}

function blockFault(form: TransferForm, channel: Channel, byteLength: number | null) {
  const block = parseByteLength(form.blockByteLength)
  if (!block) return 'bytes, like 64 KiB'
  if (block % channel.byteLengthMultiple !== 0) {
    return `a multiple of ${channel.byteLengthMultiple} bytes`
  }
  return byteLength && byteLength % block !== 0 ? 'must divide the length' : undefined
}

function deviceAddressFault(form: TransferForm, channel: Channel, byteLength: number) {
  const { deviceBlockByteLength: unit, deviceByteLength } = channel
  const address = parseWord(form.deviceAddress, 64)
  if (address === null) return unit > 1 ? 'a block, like 2048' : 'an address, like 0x1000'
  if (deviceByteLength === null) return undefined
  const end = address * BigInt(unit) + BigInt(byteLength)
  if (end <= BigInt(deviceByteLength)) return undefined
  return `the board has ${formatBytes(deviceByteLength)}: this ends beyond them`
}

/** What the device address is, as the form asks for it. */
export function deviceAddressLabel({ deviceBlockByteLength: unit }: Channel): string {
  return unit > 1 ? `First block, ${formatBytes(unit)} each` : 'Address on the board'
}

function isTimeout(text: string): boolean {
  if (text.trim() === '') return true
  const timeoutMs = Number(text)
  return Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= 86_400_000
}

/** Of a form without faults. */
export function verifyRequest(form: TransferForm, channel: Channel, pair: Channel): VerifyRequest {
  const [out, back] = channel.direction === 'h2c' ? [channel, pair] : [pair, channel]
  return {
    ...{ out: out.id, in: back.id, pattern: form.pattern, seed: 1 },
    offset: parseByteLength(form.offset) ?? 0,
    byteLength: parseByteLength(form.byteLength) ?? 0,
    deviceAddress: typedAddress(form),
    timeoutMs: Number(form.timeoutMs),
  }
}

const typedAddress = ({ deviceAddress }: TransferForm) =>
  `0x${(parseWord(deviceAddress, 64) ?? 0n).toString(16)}`

/** Of a form without faults, in one of the board's own modes. */
export function transferRequest(form: TransferForm, channel: Channel): TransferRequest {
  const timeoutMs = form.timeoutMs.trim()
  return {
    channel: channel.id,
    mode: form.mode === 'cyclic' ? 'cyclic' : 'once',
    offset: parseByteLength(form.offset) ?? 0,
    byteLength: parseByteLength(form.byteLength) ?? 0,
    ...(form.mode === 'cyclic'
      ? { blockByteLength: parseByteLength(form.blockByteLength) ?? 0 }
      : timeoutMs && { timeoutMs: Number(timeoutMs) }),
    ...(channel.kind === 'memory' && { deviceAddress: typedAddress(form) }),
  }
}
