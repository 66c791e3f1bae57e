// One channel of an XDMA block: one run at a time, from its descriptors to its outcome.

import type { Card, DmaLock, LockHold } from '../../native/index.ts'
import type { Channel } from '../contract/board.ts'
import { dmaOptions } from '../contract/dma-options.ts'
import {
  DriverError,
  type DriverTransfer,
  type TransferOutcome,
  type TransferProgress,
  type TransferStart,
} from './board-driver.ts'
import {
  adjacentAfter,
  cutIntoPieces,
  hasResults,
  listByteLength,
  type Piece,
  sumResults,
  writeDescriptors,
} from './xdma-descriptors.ts'
import { DescriptorProgress } from './xdma-progress.ts'
import {
  allOnes,
  busy,
  channelRegister,
  descriptorStopped,
  dmaBar,
  errorBits,
  logAll,
  run,
} from './xdma-registers.ts'

/** What stands before or behind a stream channel. All of it is optional: a DAC needs none. */
export interface StreamPeer {
  /** Called after the engine was started. */
  open?(): void
  /** Ends the stream's packet, so that a descriptor that waits for data closes. */
  close?(): void
  /** Frames lost since open. */
  dropped?(): number
}

/** An engine that is told to stop finishes its descriptor first; after this long its stream is closed under it. */
const finishMs = 400
/** ... and after this long it counts as hung. */
const hungMs = 1_500
/** Fall-back for a lost interrupt. */
const pollMs = 250
/** 2,048 descriptors, or half of them with their results. */
const standingListByteLength = 64 * 1024
const maxListByteLength = 32 * 1024 * 1024

export class XdmaChannel {
  #standing: DmaLock | undefined
  #run: XdmaRun | undefined

  constructor(
    private readonly card: Card,
    readonly channel: Channel,
    readonly base: number,
    readonly peer: StreamPeer,
    /** Brings the whole block back when this channel's engine hangs. */
    private readonly resetBoard: (reason: string) => Promise<void>,
  ) {}

  read(register: number): number {
    return this.card.readRegister({ barIndex: dmaBar, offset: this.base + register, width: 32 })
  }

  write(register: number, value: number): void {
    this.card.writeRegister({ barIndex: dmaBar, offset: this.base + register, width: 32 }, value)
  }

  get isBusy(): boolean {
    return this.#run !== undefined
  }

  async start(request: TransferStart): Promise<DriverTransfer> {
    if (this.#run) {
      throw new DriverError('BUSY', 'WD_TRY_AGAIN', `${this.channel.id} is running. Stop it first.`)
    }
    const pieces = cutIntoPieces(request.lock.pages, {
      offset: request.offset,
      byteLength: request.byteLength,
      blockByteLength: request.mode === 'cyclic' ? request.blockByteLength : request.byteLength,
    })
    const started = new XdmaRun(this, request, pieces, this.resetBoard)
    this.#run = started
    void started.ended.then(() => {
      this.#run = undefined
    })
    try {
      const list = await this.#listFor(listByteLength(pieces.length, hasResults(this.channel)))
      await started.begin(list)
    } catch (error) {
      this.#run = undefined
      await started.abandon()
      throw error
    }
    return started
  }

  /** The channel's interrupt, or the fall-back poll. */
  service(): void {
    this.#run?.service()
  }

  /** The board was reset under the run. */
  boardWasReset(error: DriverError): void {
    this.#run?.boardWasReset(error)
  }

  /** Locks the descriptor memory that most runs are content with. Called once, before the first start. */
  async prepare(): Promise<void> {
    this.#standing ??= await this.#lockList(standingListByteLength)
  }

  async #listFor(byteLength: number): Promise<DescriptorList> {
    if (byteLength > maxListByteLength) {
      throw new DriverError(
        'TOO_LONG',
        'WD_INSUFFICIENT_RESOURCES',
        'The transfer needs more than 32 MiB of descriptors. Transfer a part of the lock, or lock fewer pages.',
      )
    }
    if (this.#standing && this.#standing.byteLength >= byteLength) {
      return { lock: this.#standing, giveBack: async () => {} }
    }
    const lock = await this.#lockList(byteLength)
    return { lock, giveBack: () => lock.unlock() }
  }

  #lockList(byteLength: number): Promise<DmaLock> {
    return this.card.lockContiguous(byteLength, {
      direction: 'toFromDevice',
      options: dmaOptions.KERNEL_BUFFER_ALLOC | dmaOptions.ALLOW_64BIT_ADDRESS,
      owner: `driver ${this.channel.id}`,
    })
  }
}

interface DescriptorList {
  lock: DmaLock
  /** After the engine is idle. */
  giveBack: () => Promise<void>
}

class XdmaRun implements DriverTransfer {
  readonly ended: Promise<TransferOutcome>
  readonly #resolve: (outcome: TransferOutcome) => void
  readonly #progress: DescriptorProgress
  readonly #hold: LockHold
  #list: DescriptorList | undefined
  #outcome: TransferOutcome | undefined
  #stopping = false
  #timedOut = false
  #droppedBefore = 0
  #overruns = 0
  #blocksAtService = 0
  #timers: NodeJS.Timeout[] = []

  constructor(
    private readonly channel: XdmaChannel,
    private readonly request: TransferStart,
    private readonly pieces: readonly Piece[],
    private readonly resetBoard: (reason: string) => Promise<void>,
  ) {
    const { promise, resolve } = deferred<TransferOutcome>()
    this.ended = promise
    this.#resolve = resolve
    this.#progress = new DescriptorProgress(pieces, request.mode === 'cyclic')
    this.#hold = request.lock.hold(channel.channel.id)
  }

  async begin(list: DescriptorList): Promise<void> {
    const { channel, request, pieces } = this
    const { direction, kind } = channel.channel
    const listAddress = list.lock.pages[0]?.address ?? 0n
    const cyclic = request.mode === 'cyclic'
    this.#list = list
    writeDescriptors(list.lock.userBytes, pieces, {
      direction,
      kind,
      cyclic,
      listAddress,
      deviceAddress: request.deviceAddress,
    })
    await list.lock.syncForDevice()
    await request.lock.syncForDevice()
    // Run stays 1 after a list's end, and only its rising edge starts the engine (PG195 "Channel Control").
    channel.write(channelRegister.controlClear, run)
    channel.write(channelRegister.descriptorLow, Number(listAddress & 0xffff_ffffn))
    channel.write(channelRegister.descriptorHigh, Number(listAddress >> 32n))
    channel.write(channelRegister.descriptorAdjacent, adjacentAfter(0, pieces.length))
    channel.write(channelRegister.control, logAll | run)
    channel.peer.open?.()
    this.#every(pollMs, () => this.service())
    if (request.timeoutMs > 0) this.#after(request.timeoutMs, () => this.#timeOut())
  }

  /** Never begun: gives the lock back. */
  async abandon(): Promise<void> {
    this.#hold.release()
    await this.#list?.giveBack()
  }

  progress(): TransferProgress {
    if (!this.#outcome) this.#readCount()
    const { bytes, blocks } = this.#progress
    return (
      this.#outcome ?? { bytesCompleted: bytes, blocksCompleted: blocks, overruns: this.#overruns }
    )
  }

  service(): void {
    if (this.#outcome) return
    const status = this.channel.read(channelRegister.statusReadClear)
    if (status === allOnes) {
      this.end(
        'failed',
        new DriverError(
          'LINK_LOST',
          'WD_OPERATION_FAILED',
          'The board does not answer: every register reads all ones.',
        ),
      )
      return
    }
    this.#readCount()
    this.#countOverruns()
    if (status & errorBits) this.end('failed', faultOf(status))
    else if (status & descriptorStopped) this.end(this.#timedOut ? 'failed' : 'done')
    else if (this.#stopping && !(status & busy)) this.end('stopped')
  }

  async stop(): Promise<TransferOutcome> {
    if (!this.#outcome && !this.#stopping) {
      this.#stopping = true
      this.channel.write(channelRegister.controlClear, run)
      this.service()
      this.#every(5, () => this.service())
      this.#after(finishMs, () => this.channel.peer.close?.())
      this.#after(hungMs, () => void this.#resetHung())
    }
    return this.ended
  }

  /** A run that was being stopped is stopped by it; any other one failed. */
  boardWasReset(error: DriverError): void {
    if (this.#stopping) this.end('stopped')
    else this.end('failed', error)
  }

  end(state: TransferOutcome['state'], error?: DriverError): void {
    if (this.#outcome) return
    for (const timer of this.#timers) clearTimeout(timer)
    this.#countOverruns()
    this.channel.write(channelRegister.controlClear, run)
    this.channel.peer.close?.()
    const failure = this.#timedOut ? timedOut(this.request.timeoutMs) : error
    this.#outcome = {
      state: failure ? 'failed' : state,
      bytesCompleted: this.#bytesMoved(),
      blocksCompleted: this.#progress.blocks,
      overruns: this.#overruns,
      ...(failure ? { error: failure } : {}),
    }
    const outcome = this.#outcome
    void this.#giveBack().finally(() => this.#resolve(outcome))
  }

  /** The CPU looks at the memory only after the last sync, and the lock is free once the transfer counts as ended. */
  async #giveBack(): Promise<void> {
    await this.request.lock.syncForCpu().finally(() => this.#hold.release())
    await this.#list?.giveBack()
  }

  #bytesMoved(): number {
    const cyclic = this.request.mode === 'cyclic'
    if (cyclic || !hasResults(this.channel.channel) || !this.#list) return this.#progress.bytes
    return sumResults(this.#list.lock.userBytes, this.pieces.length, this.#progress.descriptors)
  }

  #readCount(): void {
    const count = this.channel.read(channelRegister.completedCount)
    if (count !== allOnes) this.#progress.update(count)
  }

  /** Data was lost when the board dropped frames, or when the ring came round before anybody could have looked. */
  #countOverruns(): void {
    const { blocks, blocksPerLap } = this.#progress
    const dropped = this.channel.peer.dropped?.() ?? 0
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
    if (this.#outcome) return
    await this.resetBoard(`${this.channel.channel.id} did not stop, so the board was reset.`)
  }

  #after(ms: number, work: () => void): void {
    this.#timers.push(setTimeout(work, ms))
  }

  #every(ms: number, work: () => void): void {
    this.#timers.push(setInterval(work, ms))
  }
}

function faultOf(status: number): DriverError {
  const what =
    status & 0x10
      ? 'a descriptor without the magic number'
      : status & 0x00f8_0000
        ? 'a descriptor fetch that the host refused'
        : status & 0x0007_c000
          ? 'a write that the card refused'
          : status & 0x3e00
            ? 'a read that was refused'
            : 'a length or an alignment that the channel does not take'
  return new DriverError(
    'BOARD_FAULT',
    'WD_OPERATION_FAILED',
    `The engine stopped at ${what} (status 0x${status.toString(16)}).`,
  )
}

function timedOut(timeoutMs: number): DriverError {
  return new DriverError(
    'TIMED_OUT',
    'WD_TIME_OUT_EXPIRED',
    `The transfer was stopped after ${timeoutMs} ms.`,
  )
}

function deferred<T>() {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
