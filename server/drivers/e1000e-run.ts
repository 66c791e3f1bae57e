// One transfer of the network card: frames from the wire into the slots of a lock.

import { setTimeout as sleep } from 'node:timers/promises'
import type { DmaLock } from '../../native/index.ts'
import type {
  DriverError,
  DriverTransfer,
  TransferOutcome,
  TransferProgress,
  TransferStart,
} from './board-driver.ts'
import { boardFault, linkLost, timedOut } from './driver-errors.ts'
import { Frames, slotByteLength } from './e1000e-frames.ts'
import { type E1000eRegisters, overrun, receiveFrames, usedCauses } from './e1000e-registers.ts'
import { descriptorCount, ReceiveRing } from './e1000e-ring.ts'
import { allOnes } from './register-map.ts'
import { RunEnd } from './run-end.ts'

/** Fall-back for a lost interrupt. */
const pollMs = 100
/** Descriptors are handed back in batches: each time is a register write. */
const batch = 64
/** A card that is told to stop finishes the frame under way. */
const settleMs = 2
const hungMs = 500

export class E1000eRun implements DriverTransfer {
  readonly isCountLost = false
  readonly #end: RunEnd
  readonly #isCyclic: boolean
  readonly #frames: Frames
  #ring: ReceiveRing | undefined
  #ringLock: DmaLock | undefined
  #overrunCauses = 0
  #halting = false

  constructor(
    private readonly registers: E1000eRegisters,
    private readonly request: TransferStart,
    private readonly slots: readonly number[],
    private readonly switchBusMasterOff: () => void,
  ) {
    const { lock, offset, byteLength } = request
    const { buffer, byteOffset } = lock.userBytes
    this.#isCyclic = request.mode === 'cyclic'
    this.#frames = new Frames(new DataView(buffer, byteOffset + offset, byteLength))
    this.#end = new RunEnd(
      lock,
      request.channel,
      () => this.#counts(),
      async () => this.#ringLock?.unlock(),
    )
  }

  get ended(): Promise<TransferOutcome> {
    return this.#end.ended
  }

  /** `ringLock` holds as many descriptors as `descriptorCount` says, in one page. */
  async begin(ringLock: DmaLock): Promise<void> {
    const { registers, slots } = this
    const { buffer, byteOffset, byteLength } = ringLock.userBytes
    const count = descriptorCount(slots.length, this.#isCyclic)
    this.#ringLock = ringLock
    const ring = new ReceiveRing(new Uint32Array(buffer, byteOffset, byteLength / 4), count)
    ring.fill(slots)
    await ringLock.syncForDevice()
    await this.request.lock.syncForDevice()
    if (this.#end.outcome) return
    this.#ring = ring
    const address = Number(ringLock.pages[0]?.address)
    registers.write('ringLow', address % 2 ** 32)
    registers.write('ringHigh', Math.floor(address / 2 ** 32))
    registers.write('ringByteLength', byteLength)
    registers.write('ringHead', 0)
    registers.write('ringTail', this.#isCyclic ? count - 1 : slots.length)
    registers.write('receiveControl', receiveFrames)
    registers.write('maskSet', usedCauses)
    this.#end.every(pollMs, () => this.service(registers.takeCauses()))
    const { timeoutMs } = this.request
    if (timeoutMs > 0) {
      this.#end.after(timeoutMs, () => void this.#halt('failed', timedOut(timeoutMs)))
    }
  }

  /** Never begun. */
  abandon(): void {
    this.#end.abandon()
  }

  progress(): TransferProgress {
    this.#takeFrames()
    return this.#end.outcome ?? this.#counts()
  }

  /** After an interrupt, or now and then, with the causes that it took. */
  service(causes: number): void {
    if (!this.#ring || this.#end.outcome) return
    if (causes === allOnes && this.registers.read('status') === allOnes) {
      const error = linkLost()
      this.#end.settle('failed', { error, fault: { kind: 'linkLost', detail: error.message } })
      return
    }
    if (causes & overrun) this.#overrunCauses += 1
    this.#takeFrames()
  }

  stop(): Promise<TransferOutcome> {
    void this.#halt('stopped')
    return this.ended
  }

  /** The card reaches no memory any more. */
  boardWasReset(error: DriverError): void {
    this.#takeFrames()
    if (this.#halting) this.#end.settle('stopped')
    else this.#end.settle('failed', { error })
  }

  #takeFrames(): void {
    if (!this.#ring || this.#end.outcome) return
    let last: number | undefined
    for (let taken = this.#ring.take(); taken; taken = this.#ring.take()) {
      this.#frames.add(taken.index, taken.byteLength)
      last = taken.index
      if (last % batch === 0) this.#handBack(last)
    }
    if (last !== undefined) this.#handBack(last)
    if (!this.#isCyclic && this.#frames.count === this.slots.length) void this.#halt('done')
  }

  /** The descriptor taken last is the one that stays with the driver. */
  #handBack(last: number): void {
    if (this.#isCyclic) this.registers.write('ringTail', last)
  }

  async #halt(state: TransferOutcome['state'], error?: DriverError): Promise<void> {
    if (this.#halting || this.#end.outcome) return
    this.#halting = true
    const { registers } = this
    registers.write('maskClear', allOnes)
    registers.write('receiveControl', 0)
    const deadline = performance.now() + hungMs
    for (let head = registers.read('ringHead'); ; ) {
      await sleep(settleMs)
      if (this.#end.outcome) return
      const now = registers.read('ringHead')
      if (now === head) break
      if (performance.now() > deadline) return this.#giveUp()
      head = now
    }
    this.#takeFrames()
    this.#end.settle(state, { error })
  }

  /** Without bus mastering it at least reaches no memory. */
  #giveUp(): void {
    this.switchBusMasterOff()
    const detail = `Reception did not stop within ${hungMs} ms, so bus mastering was switched off.`
    this.#end.settle('failed', { error: boardFault(detail), fault: { kind: 'stall', detail } })
  }

  /** Without numbers in the frames nobody knows how many an overrun cost; each counts once. */
  #counts(): TransferProgress {
    const { count, areNumbered, missing } = this.#frames
    const block = this.request.blockByteLength
    const bytes = count * slotByteLength
    const blocksCompleted = Math.floor(bytes / block)
    return {
      bytesCompleted: this.#isCyclic ? blocksCompleted * block : bytes,
      blocksCompleted,
      overruns: areNumbered ? missing : this.#overrunCauses,
    }
  }
}
