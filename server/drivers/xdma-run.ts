// One run of an XDMA channel, from its descriptors to its outcome.

import type { DmaLock } from '../../native/index.ts'
import type {
  DriverError,
  DriverTransfer,
  TransferOutcome,
  TransferProgress,
  TransferStart,
} from './board-driver.ts'
import { linkLost, timedOut } from './driver-errors.ts'
import type { Piece } from './lock-pieces.ts'
import { allOnes } from './register-map.ts'
import { RunEnd } from './run-end.ts'
import { adjacentAfter, hasResults, sumResults, writeDescriptors } from './xdma-descriptors.ts'
import type { XdmaEngine } from './xdma-engine.ts'
import { type EngineFault, engineFault, shortRun } from './xdma-faults.ts'
import { DescriptorProgress } from './xdma-progress.ts'
import {
  busy,
  channelRegister,
  descriptorStopped,
  errorBits,
  isXdma,
  logAll,
  run,
} from './xdma-registers.ts'

/** An engine that is told to stop finishes its descriptor first; after this long its stream is closed under it. */
const finishMs = 400
/** ... and after this long it counts as hung. */
const hungMs = 1_500
/** How often a stopping engine is asked whether it is idle, should its interrupt be lost. */
const idlePollMs = 5
/** Fall-back for a lost interrupt. */
const pollMs = 250

export interface DescriptorList {
  lock: DmaLock
  /** After the engine is idle. */
  giveBack: () => Promise<void>
}

export class XdmaRun implements DriverTransfer {
  readonly #end: RunEnd
  readonly #progress: DescriptorProgress
  #list: DescriptorList | undefined
  /** While it is false the registers do not speak of this run. */
  #begun = false
  #fault: TransferOutcome['fault']
  #stopping = false
  #timedOut = false
  #droppedBefore = 0
  #overruns = 0
  #blocksAtService = 0
  #isCountLost = false

  constructor(
    private readonly engine: XdmaEngine,
    private readonly request: TransferStart,
    private readonly pieces: readonly Piece[],
    /** Brings the whole block back when this engine hangs. */
    private readonly resetBoard: (reason: string) => Promise<void>,
  ) {
    this.#progress = new DescriptorProgress(pieces, request.mode === 'cyclic')
    this.#end = new RunEnd(
      request.lock,
      engine.channel.id,
      () => this.#counts(),
      async () => this.#list?.giveBack(),
    )
  }

  get ended(): Promise<TransferOutcome> {
    return this.#end.ended
  }

  get isCountLost(): boolean {
    return this.#isCountLost
  }

  async begin(list: DescriptorList): Promise<void> {
    const { engine, request, pieces } = this
    const { direction, kind } = engine.channel
    const listAddress = Number(list.lock.pages[0]?.address)
    const cyclic = request.mode === 'cyclic'
    this.#list = list
    writeDescriptors(list.lock.userBytes, pieces, {
      direction,
      kind,
      cyclic,
      listAddress,
      deviceAddress: Number(request.deviceAddress),
    })
    await list.lock.syncForDevice()
    await request.lock.syncForDevice()
    // Run stays 1 after a list's end, and only its rising edge starts the engine (PG195 "Channel Control").
    engine.write(channelRegister.controlClear, run)
    engine.write(channelRegister.descriptorLow, listAddress % 2 ** 32)
    engine.write(channelRegister.descriptorHigh, Math.floor(listAddress / 2 ** 32))
    engine.write(channelRegister.descriptorAdjacent, adjacentAfter(0, pieces.length))
    engine.write(channelRegister.control, logAll | run)
    this.#begun = true
    engine.peer.open?.()
    this.#droppedBefore = engine.peer.dropped?.() ?? 0
    this.#end.every(pollMs, () => this.service())
    if (request.timeoutMs > 0) this.#end.after(request.timeoutMs, () => this.#timeOut())
  }

  /** Never begun: gives the lock back. */
  async abandon(): Promise<void> {
    this.#end.abandon()
    await this.#list?.giveBack()
  }

  progress(): TransferProgress {
    if (this.#begun && !this.#end.outcome) this.#readCount()
    const { bytes, blocks } = this.#progress
    return (
      this.#end.outcome ?? {
        bytesCompleted: bytes,
        blocksCompleted: blocks,
        overruns: this.#overruns,
      }
    )
  }

  service(): void {
    if (!this.#begun || this.#end.outcome) return
    const status = this.engine.read(channelRegister.statusReadClear)
    if (status === allOnes) {
      this.#readCount()
      if (!isXdma(this.engine.read(channelRegister.identifier))) {
        this.#fail({ kind: 'linkLost', error: linkLost() })
      }
      return
    }
    this.#readCount()
    this.#countOverruns()
    if (status & errorBits) this.#fail(engineFault(status, this.engine.channel.direction))
    else if (status & descriptorStopped) this.end(this.#timedOut ? 'failed' : 'done')
    else if (status & busy) return
    else if (this.#stopping) this.end('stopped')
    else this.#fail(shortRun(this.#bytesMoved(), this.request.byteLength))
  }

  #fail({ kind, error }: EngineFault): void {
    this.#fault = { kind, detail: error.message }
    this.end('failed', error)
  }

  async stop(): Promise<TransferOutcome> {
    if (!this.#end.outcome && !this.#stopping) {
      this.#stopping = true
      this.engine.write(channelRegister.controlClear, run)
      this.#end.every(idlePollMs, () => this.service())
      this.#end.after(finishMs, () => this.engine.peer.close?.())
      this.#end.after(hungMs, () => void this.#resetHung())
      this.service()
    }
    return this.ended
  }

  /** Its registers are about to be another run's, or nobody's: what was done by now is all that counts. */
  boardResets(): void {
    if (!this.#begun || this.#end.outcome) return
    this.#readCount()
    this.#begun = false
  }

  /** A run that was being stopped is stopped by it; any other one failed. */
  boardWasReset(error: DriverError): void {
    if (this.#stopping) this.end('stopped')
    else this.end('failed', error)
  }

  end(state: TransferOutcome['state'], error?: DriverError): void {
    if (this.#end.outcome) return
    this.#letGo()
    const failure = this.#timedOut ? timedOut(this.request.timeoutMs) : error
    this.#end.settle(failure ? 'failed' : state, { error: failure, fault: this.#fault })
  }

  /** What nobody answers for is not touched any more (PG195 has no such case; a lost PCIe link reads as all ones). */
  #letGo(): void {
    if (this.#fault?.kind === 'linkLost') return
    this.#countOverruns()
    this.engine.write(channelRegister.controlClear, run)
    this.engine.peer.close?.()
  }

  #counts(): TransferProgress {
    const { blocks } = this.#progress
    return {
      bytesCompleted: this.#bytesMoved(),
      blocksCompleted: blocks,
      overruns: this.#overruns,
    }
  }

  #bytesMoved(): number {
    const cyclic = this.request.mode === 'cyclic'
    const results = hasResults(this.engine.channel) && this.#list?.lock.isLocked
    if (cyclic || !results || !this.#list) return this.#progress.bytes
    return sumResults(this.#list.lock.userBytes, this.pieces.length, this.#progress.descriptors)
  }

  #readCount(): void {
    const count = this.engine.read(channelRegister.completedCount)
    this.#isCountLost = count === allOnes
    if (!this.#isCountLost) this.#progress.update(count)
  }

  /** Data was lost when the board dropped frames, or when the ring came round before anybody could have looked. */
  #countOverruns(): void {
    const { blocks, blocksPerLap } = this.#progress
    const read = this.engine.peer.dropped?.() ?? 0
    const dropped = read === allOnes ? this.#droppedBefore : read
    const lapped = blocks - this.#blocksAtService > blocksPerLap - 1
    if (dropped > this.#droppedBefore || (this.request.mode === 'cyclic' && lapped))
      this.#overruns += 1
    this.#droppedBefore = dropped
    this.#blocksAtService = blocks
  }

  #timeOut(): void {
    this.#timedOut = true
    void this.stop()
  }

  async #resetHung(): Promise<void> {
    if (this.#end.outcome) return
    const detail = `${this.engine.channel.id} did not stop, so the board was reset.`
    this.#fault = { kind: 'stall', detail }
    // A board that cannot be reset keeps bus mastering off, and its health check says so.
    await this.resetBoard(detail).catch(() => {})
  }
}
