// Finds and loads the compiled addon; what its functions are.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DmaError } from './errors.ts'

declare const cardBrand: unique symbol
declare const lockBrand: unique symbol
declare const pageTrackerBrand: unique symbol
/** Objects of the addon, recognised by a type tag. */
export interface NativeCard {
  readonly [cardBrand]: true
}
export interface NativeLock {
  readonly [lockBrand]: true
}

export interface NativePageTracker {
  readonly [pageTrackerBrand]: true
}

export interface LockAnswer {
  object: NativeLock
  handle: number
  originalHandle: number
  options: number
  /** WD_DMA_OPTIONS direction bits. */
  direction: number
  byteLength: number
  addresses: BigUint64Array
  byteLengths: Uint32Array
  /** Contiguous only, and not with KERNEL_ONLY_MAP. */
  bytes?: Uint8Array
}

export interface ListAnswer {
  /** One for each command that ran. */
  values: BigUint64Array
  /** Of all blocks read, one after the other. */
  bytes: Uint8Array
  matched: boolean
  /** The command after the last value is a poll that has waited so long, µs, and has more time. */
  waited?: number
}

export interface ReportAnswer {
  handle: number
  originalHandle: number
  owner: string
  isContiguous: boolean
  direction: number
  options: number
  byteLength: number
  pageCount: number
  residentByteLength: number
  ageMs: number
  unusedMs: number
  holds: string[]
}

/** Shared by all that lock: options, direction bits (0: not given), maxPages, owner. */
export type LockArguments = [
  options: number,
  direction: number,
  maxPages: number | undefined,
  owner: string,
]

/** What a card calls; none may throw. */
export type EventHandlers = [
  onInterrupt: (vector: number, count: number) => void,
  onFault: (
    address: bigint,
    toDevice: boolean,
    channel: string,
    at: number,
    mappedOtherwise: boolean,
    nearestHandle: number,
    count: number,
  ) => void,
  onRemoval: () => void,
]

/** What a simulated card is told besides its channels and memory. */
export interface SimulatedExtras {
  recordingFormat?: [format: string, channels: number]
  /** Seven for each fault: kind, 1 for H2C, channel number, count, skip, delay in ms, status bits. */
  faults: number[]
}

export interface Addon {
  moduleVersion: number
  initialize(dmaError: typeof DmaError): void
  statusName(status: number): string
  statusText(status: number): string
  hostLimits(): [softByteLength: number, hardByteLength: number, lockedByteLength: number]
  allocatePages(byteLength: number): Uint8Array
  freePages(bytes: Uint8Array): void
  detach(bytes: Uint8Array): void
  projectWave(
    bytes: Uint8Array,
    format: string,
    channels: number,
    stride: number,
    columns: number,
  ): Float32Array
  projectSpectrum(
    bytes: Uint8Array,
    format: string,
    channel: number,
    stride: number,
    size: number,
    window: string,
  ): Float32Array
  findTrigger(
    bytes: Uint8Array,
    format: string,
    channel: number,
    stride: number,
    edge: string,
    level: number,
    hysteresis: number,
    holdOff: number,
    first: number,
    end: number,
    newest: boolean,
  ): number | null
  projectStatistics(
    bytes: Uint8Array,
    format: string,
    channels: number,
    stride: number,
  ): Float64Array
  trackPages(offset: number, byteLength: number): NativePageTracker
  lookAtPages(tracker: NativePageTracker, buffer: Uint8Array): Uint8Array
  copyChecked(
    card: NativeCard,
    barIndex: number,
    offset: number,
    width: number,
    stepsPerLap: number,
    first: number,
    end: number,
    from: Uint8Array,
    to: Uint8Array,
  ): boolean
  fillPattern(bytes: Uint8Array, pattern: string, seed: number): Promise<void>
  findBytes(
    memory: Uint8Array,
    bytes: Uint8Array,
    mask: Uint8Array,
    from: number,
    end: number,
    alignment: number,
    limit: number,
    backward: boolean,
  ): Promise<Float64Array>
  openSimulated(
    h2c: readonly string[],
    c2h: readonly string[],
    memoryByteLength: number,
    fragmentation: number,
    recording: string,
    extras: SimulatedExtras,
    ...handlers: EventHandlers
  ): Promise<NativeCard>
  openVfio(
    address: string,
    addressWidth: number,
    fragmentation: number,
    ...handlers: EventHandlers
  ): Promise<NativeCard>
  bars(card: NativeCard): number[]
  addressWidth(card: NativeCard): number
  isOpen(card: NativeCard): boolean
  pendingTransactions(card: NativeCard): number
  readRegister(card: NativeCard, barIndex: number, offset: number, width: number): number | bigint
  writeRegister(
    card: NativeCard,
    barIndex: number,
    offset: number,
    width: number,
    value: number | bigint,
  ): void
  setCleanup(card: NativeCard, writes: (number | bigint)[]): void
  armInterrupt(card: NativeCard, vector: number, armed: boolean): void
  armFaults(card: NativeCard, armed: boolean): void
  readConfig(card: NativeCard, offset: number, width: number): number
  writeConfig(card: NativeCard, offset: number, width: number, value: number): void
  busMaster(card: NativeCard): boolean
  setBusMaster(card: NativeCard, enabled: boolean): void
  vectorCount(card: NativeCard): number
  canReset(card: NativeCard): boolean
  reset(card: NativeCard): Promise<void>
  close(card: NativeCard): Promise<void>
  restoreLink(card: NativeCard): Promise<void>
  complaints(card: NativeCard): string[]
  lockScatterGather(
    card: NativeCard,
    bytes: Uint8Array,
    ...rest: LockArguments
  ): Promise<LockAnswer>
  lockContiguous(card: NativeCard, byteLength: number, ...rest: LockArguments): Promise<LockAnswer>
  attachContiguous(card: NativeCard, handle: number, ...rest: LockArguments): Promise<LockAnswer>
  /** Eight words a command, see register_functions.cpp. */
  transferRegisters(
    card: NativeCard,
    commands: BigUint64Array,
    written: Uint8Array,
    firstIndex: number,
  ): Promise<ListAnswer>
  lockReport(card: NativeCard): Promise<ReportAnswer[]>
  traceWrites(card: NativeCard, path: string): void
  readMemory(lock: NativeLock, offset: number, width: number): bigint
  writeMemory(lock: NativeLock, offset: number, width: number, value: bigint): void
  unlock(lock: NativeLock): Promise<void>
  isLocked(lock: NativeLock): boolean
  sync(lock: NativeLock, forDevice: boolean): void
  hold(lock: NativeLock, user: string): number
  release(lock: NativeLock, hold: number): void
}

/** The project's folder: the compiled form of this file lies deeper in it than the source. */
function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) {
    folder = dirname(folder)
  }
  return folder
}

/** With the sanitizers' runtime in the process, see scripts/sanitizers.mjs. */
const isSanitized = process.env.PINLAB_SANITIZED === '1'

function load(): Addon {
  const folder = isSanitized ? 'native/sanitized/build' : 'native/build'
  const path = join(projectRoot(), folder, 'Release', 'pinlab.node')
  const explain = (what: string, cause?: unknown) =>
    new Error(`The native addon ${path} ${what}. \`npm start\` builds it.`, { cause })
  if (!existsSync(path)) throw explain('is not there')
  let addon: Addon
  try {
    addon = createRequire(import.meta.url)(path)
  } catch (cause) {
    throw explain('cannot be loaded', cause)
  }
  if (String(addon.moduleVersion) !== process.versions.modules) {
    throw explain(`was built for another version of Node than ${process.version}`)
  }
  addon.initialize(DmaError)
  return addon
}

export const addon = load()
