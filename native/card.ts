// An opened card, as callers hold it.

import { addon, type LockAnswer, type NativeCard } from './addon.ts'
import type { CardEvents } from './card-events.ts'
import { ended, invalid } from './errors.ts'
import { InterruptLine } from './interrupt-line.ts'
import { directionOf, lockArguments, OpenLock } from './lock.ts'
import { runList } from './register-list.ts'
import type {
  AttachOptions,
  Card,
  CardConfig,
  CheckedCopy,
  ConfigAddress,
  DmaLock,
  DmaTransaction,
  EnabledInterrupt,
  InterruptEvent,
  IommuFault,
  LockOptions,
  LockReportEntry,
  MemoryItem,
  RegisterAddress,
  RegisterCommand,
  RegisterTransfer,
  TransactionRequest,
} from './surface.ts'
import { OpenTransaction, transferLimits } from './transaction.ts'

/** Garbage collection never closes a card: what is open is reachable from here. */
const openCards = new Set<OpenCard>()

/** Keeps an opened card until it is closed. */
export function keepOpen(bus: CardConfig['bus'], native: NativeCard, handlers: CardEvents): Card {
  const card = new OpenCard(bus, native, handlers)
  openCards.add(card)
  return card
}

class OpenCard implements Card {
  readonly bars: Card['bars']
  readonly addressWidth: number
  readonly vectorCount: number
  readonly canReset: boolean
  readonly #native: NativeCard
  readonly #handlers: CardEvents
  readonly #locks = new Set<OpenLock>()
  readonly #lines = new Set<InterruptLine>()
  #closing: Promise<void> | undefined

  constructor(
    readonly bus: CardConfig['bus'],
    native: NativeCard,
    handlers: CardEvents,
  ) {
    this.#native = native
    this.#handlers = handlers
    const bars = addon.bars(native)
    this.bars = Array.from({ length: bars.length / 2 }, (_, i) => ({
      index: bars[2 * i] ?? 0,
      byteLength: bars[2 * i + 1] ?? 0,
    }))
    this.addressWidth = addon.addressWidth(native)
    this.vectorCount = addon.vectorCount(native)
    this.canReset = addon.canReset(native)
  }

  /** From the call of `close` on it is not: another thread closes it, from one line of a handler to the next. */
  get isOpen(): boolean {
    return this.#closing === undefined && addon.isOpen(this.#native)
  }

  get locks(): readonly DmaLock[] {
    return [...this.#locks]
  }

  async lockReport(): Promise<LockReportEntry[]> {
    const records = await addon.lockReport(this.#native)
    return records.map(({ isContiguous, direction, ...record }) => ({
      ...record,
      kind: isContiguous ? 'contiguous' : 'scatterGather',
      direction: directionOf(direction),
    }))
  }

  readRegister(register: RegisterAddress & { width: 64 }): bigint
  readRegister(register: RegisterAddress & { width: 8 | 16 | 32 }): number
  readRegister(register: RegisterAddress): number | bigint
  readRegister({ barIndex, offset, width }: RegisterAddress): number | bigint {
    return addon.readRegister(this.#native, barIndex, offset, width)
  }

  writeRegister({ barIndex, offset, width }: RegisterAddress, value: number | bigint): void {
    addon.writeRegister(this.#native, barIndex, offset, width, value)
  }

  readConfig({ offset, width }: ConfigAddress): number {
    return addon.readConfig(this.#native, offset, width)
  }

  writeConfig({ offset, width }: ConfigAddress, value: number): void {
    addon.writeConfig(this.#native, offset, width, value)
  }

  transferRegisters(commands: readonly RegisterCommand[]): Promise<RegisterTransfer> {
    return runList(this.#native, commands)
  }

  registerMemoryItem(lock: DmaLock, pageIndex: number): MemoryItem {
    if (lock instanceof OpenLock && !lock.isLocked) throw ended('registerMemoryItem')
    if (lock instanceof OpenLock && this.#locks.has(lock)) return lock.memoryItem(pageIndex)
    throw invalid('registerMemoryItem', 'the lock is not one of this card')
  }

  copyChecked({ from, to, counter, stepsPerLap, first, end }: CheckedCopy): boolean {
    if (![stepsPerLap, first, end].every((count) => Number.isSafeInteger(count) && count >= 0)) {
      throw invalid('copyChecked', 'steps are counted in whole numbers')
    }
    const { barIndex, offset, width } = counter
    const register = [barIndex, offset, width] as const
    return addon.copyChecked(this.#native, ...register, stepsPerLap, first, end, from, to)
  }

  traceWrites(path: string): void {
    if (path.includes('\0')) throw invalid('traceWrites', 'the path of a file is needed')
    addon.traceWrites(this.#native, path)
  }

  lockScatterGather(bytes: Uint8Array, options: LockOptions = {}): Promise<DmaLock> {
    return this.#lockScatterGather(bytes, options, 0)
  }

  async #lockScatterGather(bytes: Uint8Array, options: LockOptions, ownBit: 0 | 0x2000) {
    const rest = lockArguments('lockScatterGather', options, ownBit)
    // A small Buffer is a piece of a pool that other Buffers live in.
    if (Buffer.isBuffer(bytes) && bytes.byteLength !== bytes.buffer.byteLength) {
      throw invalid(
        'lockScatterGather',
        'a pooled Buffer cannot be locked; take a Uint8Array of its own',
      )
    }
    const answer = await addon.lockScatterGather(this.#native, bytes, ...rest)
    return this.#keep(new OpenLock('scatterGather', bytes, answer, this.#drop))
  }

  lockContiguous(byteLength: number, options: LockOptions = {}): Promise<DmaLock> {
    return this.#lockContiguous(byteLength, options, 0)
  }

  async #lockContiguous(byteLength: number, options: LockOptions, ownBit: 0 | 0x2000) {
    const rest = lockArguments('lockContiguous', options, ownBit)
    if (!Number.isSafeInteger(byteLength)) {
      throw invalid('lockContiguous', 'the length is a whole number of bytes')
    }
    return this.#keepContiguous(await addon.lockContiguous(this.#native, byteLength, ...rest))
  }

  async attachContiguous(handle: number, options: AttachOptions = {}): Promise<DmaLock> {
    const rest = lockArguments('attachContiguous', options, 0x200)
    if (!Number.isSafeInteger(handle) || handle < 0) {
      throw invalid('attachContiguous', 'a handle is a whole number')
    }
    return this.#keepContiguous(await addon.attachContiguous(this.#native, handle, ...rest))
  }

  async openTransaction(request: TransactionRequest): Promise<DmaTransaction> {
    const limits = transferLimits(request)
    const lock =
      request.kind === 'scatterGather'
        ? await this.#lockScatterGather(request.bytes, request, 0x2000)
        : await this.#lockContiguous(request.byteLength, request, 0x2000)
    return new OpenTransaction(lock, limits)
  }

  #keepContiguous(answer: LockAnswer): OpenLock {
    const bytes = answer.bytes ?? new Uint8Array(0)
    return this.#keep(new OpenLock('contiguous', bytes, answer, this.#drop))
  }

  #keep(lock: OpenLock): OpenLock {
    // The card may have been closed, and the lock ended with it, before its promise was handled.
    if (lock.isLocked) this.#locks.add(lock)
    else lock.ended()
    return lock
  }

  readonly #drop = (lock: OpenLock): void => {
    this.#locks.delete(lock)
  }

  onInterrupt(vector: number, handler: (event: InterruptEvent) => void): () => void {
    const { interrupts } = this.#handlers
    if (interrupts.has(vector)) throw invalid('onInterrupt', `vector ${vector} has a handler`)
    addon.armInterrupt(this.#native, vector, true)
    interrupts.set(vector, handler)
    return () => {
      if (interrupts.get(vector) !== handler) return
      interrupts.delete(vector)
      if (this.isOpen) addon.armInterrupt(this.#native, vector, false)
    }
  }

  enableInterrupt(vector: number): EnabledInterrupt {
    const line = new InterruptLine(vector, (handler) => {
      const disarm = this.onInterrupt(vector, handler)
      return () => {
        disarm()
        this.#lines.delete(line)
      }
    })
    this.#lines.add(line)
    return line
  }

  onFault(handler: (fault: IommuFault) => void): () => void {
    const { faults } = this.#handlers
    if (faults.size === 0) addon.armFaults(this.#native, true)
    // A wrapper, so that a function given twice is two handlers.
    const own = (fault: IommuFault) => handler(fault)
    faults.add(own)
    return () => {
      if (faults.delete(own) && faults.size === 0) addon.armFaults(this.#native, false)
    }
  }

  setCleanup(writes: readonly { register: RegisterAddress; value: number | bigint }[]): void {
    const flat = writes.flatMap(({ register, value }) => [
      register.barIndex,
      register.offset,
      register.width,
      value,
    ])
    addon.setCleanup(this.#native, flat)
  }

  onRemoval(handler: () => void): () => void {
    return this.#handlers.addRemoval(handler)
  }

  get busMaster(): boolean {
    return addon.busMaster(this.#native)
  }

  setBusMaster(enabled: boolean): void {
    addon.setBusMaster(this.#native, enabled)
  }

  get pendingTransactions(): number {
    return addon.pendingTransactions(this.#native)
  }

  reset(): Promise<void> {
    return addon.reset(this.#native)
  }

  complaints(): readonly string[] {
    return addon.complaints(this.#native)
  }

  restoreLink(): Promise<void> {
    return addon.restoreLink(this.#native)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await addon.close(this.#native)
    for (const lock of [...this.#locks]) lock.ended()
    for (const line of this.#lines) line.closed()
    openCards.delete(this)
  }
}
