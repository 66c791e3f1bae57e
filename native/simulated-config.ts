// Opening a simulated card: what is checked of its configuration here, and how the addon takes it.

import { addon, type EventHandlers, type NativeCard, type SimulatedExtras } from './addon.ts'
import { invalid } from './errors.ts'
import type { FaultKind, SimulatedCardConfig, SimulatedFault } from './surface.ts'

export function openSimulated(
  config: SimulatedCardConfig,
  handlers: EventHandlers,
): Promise<NativeCard> {
  checkConfig(config)
  return addon.openSimulated(
    [...config.h2c],
    [...config.c2h],
    config.memoryByteLength ?? 64 * 1024 * 1024,
    config.fragmentation ?? 0,
    config.recording ?? '',
    simulatedExtras(config),
    ...handlers,
  )
}

/** Checks what only JavaScript can get wrong; the rest is checked by the card. */
function checkConfig(config: SimulatedCardConfig): void {
  const { h2c, c2h, memoryByteLength = 0, fragmentation = 0, recording = '' } = config
  const { recordingFormat: raw } = config
  const count = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
  const wrong = (message: string) => invalid('openCard', message)
  if (!Array.isArray(h2c) || !h2c.every((kind) => kind === 'memory' || kind === 'dac')) {
    throw wrong('h2c channels are memory or dac')
  }
  if (!Array.isArray(c2h) || !c2h.every((kind) => kind === 'memory' || kind === 'adc')) {
    throw wrong('c2h channels are memory or adc')
  }
  if (!count(memoryByteLength)) throw wrong('memoryByteLength is a whole number of bytes')
  if (!count(fragmentation) || fragmentation > 0xffff) {
    throw wrong('fragmentation is 0 to 65,535 CPU pages')
  }
  if (typeof recording !== 'string' || recording.includes('\0')) {
    throw wrong('recording is the path of a file')
  }
  if (raw && (typeof raw.format !== 'string' || !count(raw.channels) || raw.channels > 64)) {
    throw wrong('recordingFormat is a sample format and 1 to 64 channels')
  }
  checkFaults(config.faults ?? [], wrong)
  if (raw && recording === '') throw wrong('recordingFormat needs a recording')
}

function checkFaults(faults: readonly SimulatedFault[], wrong: (message: string) => Error): void {
  if (!Array.isArray(faults)) throw wrong('faults is a list')
  const isWord = (value: unknown) =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffff_ffff
  for (const { kind, channel, count = 1, skip = 0, delayMs = 0, bits = 0 } of faults) {
    if (!Object.hasOwn(faultNumbers, kind)) throw wrong(`there is no fault ${String(kind)}`)
    if (!/^(h2c|c2h)[0-3]$/.test(channel)) throw wrong(`there is no channel ${String(channel)}`)
    if (![count, skip, delayMs, bits].every(isWord)) {
      throw wrong("a fault's count, skip, delayMs and bits are 32-bit numbers")
    }
  }
}

/** FAULT_SELECT of the injection block. */
const faultNumbers: Record<FaultKind, number> = {
  stall: 1,
  shortTransfer: 2,
  linkLost: 3,
  iommuFault: 4,
  lostInterrupt: 5,
  dataFlip: 6,
  lateCompletion: 7,
  wrongMagic: 8,
  errorBits: 9,
  busMasterOff: 10,
}

function simulatedExtras({
  recordingFormat: raw,
  faults = [],
}: SimulatedCardConfig): SimulatedExtras {
  const flat = faults.flatMap((fault) => {
    const { kind, channel, count = 1, skip = 0, delayMs = 100, bits = 0x400 } = fault
    const toCard = channel.startsWith('h2c') ? 1 : 0
    return [faultNumbers[kind], toCard, Number(channel.slice(3)), count, skip, delayMs, bits]
  })
  return { faults: flat, ...(raw ? { recordingFormat: [raw.format, raw.channels] } : {}) }
}
