// One channel of an XDMA block: one run at a time, and the descriptor memory for it.

import type { Card, DmaLock } from '../../native/index.ts'
import { dmaOptions } from '../contract/dma-options.ts'
import { DriverError, type DriverTransfer, type TransferStart } from './board-driver.ts'
import { busy } from './driver-errors.ts'
import { cutIntoPieces } from './lock-pieces.ts'
import { hasResults, listByteLength, maxPieceByteLength } from './xdma-descriptors.ts'
import type { XdmaEngine } from './xdma-engine.ts'
import { type DescriptorList, XdmaRun } from './xdma-run.ts'

/** 2,048 descriptors, or half of them with their results. */
const standingListByteLength = 64 * 1024
const maxListByteLength = 32 * 1024 * 1024

export class XdmaChannel {
  #standing: DmaLock | undefined
  #run: XdmaRun | undefined

  constructor(
    private readonly card: Card,
    readonly engine: XdmaEngine,
    /** Brings the whole block back when this channel's engine hangs. */
    private readonly resetBoard: (reason: string) => Promise<void>,
  ) {}

  get isBusy(): boolean {
    return this.#run !== undefined
  }

  async start(request: TransferStart): Promise<DriverTransfer> {
    if (this.#run) throw busy(this.engine.channel.id)
    const pieces = cutIntoPieces(request.lock.pages, {
      offset: request.offset,
      byteLength: request.byteLength,
      blockByteLength: request.mode === 'cyclic' ? request.blockByteLength : request.byteLength,
      maxPieceByteLength,
    })
    const started = new XdmaRun(this.engine, request, pieces, this.resetBoard)
    this.#run = started
    void started.ended.then(() => {
      this.#run = undefined
    })
    try {
      const list = await this.#listFor(
        listByteLength(pieces.length, hasResults(this.engine.channel)),
      )
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
      owner: `driver ${this.engine.channel.id}`,
    })
  }
}
