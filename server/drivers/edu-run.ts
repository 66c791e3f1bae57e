// One transfer of an edu device: one DMA for each run of device addresses, one after the other.

import type {
  DriverError,
  DriverTransfer,
  TransferOutcome,
  TransferProgress,
  TransferStart,
} from './board-driver.ts'
import { linkLost, timedOut } from './driver-errors.ts'
import type { EduEngine } from './edu-engine.ts'
import { cutIntoPieces, type Piece } from './lock-pieces.ts'
import { RunEnd } from './run-end.ts'

/** Fall-back for a lost interrupt; a DMA takes 100 ms. */
const pollMs = 50
/** A DMA that has not ended by then never will. */
const hungMs = 5_000

export class EduRun implements DriverTransfer {
  readonly #end: RunEnd
  readonly #pieces: Piece[]
  #current = 0
  #bytes = 0
  /** The engine was told of the current piece. */
  #begun = false
  #stopping = false
  #timedOut = false

  constructor(
    private readonly engine: EduEngine,
    private readonly request: TransferStart,
    private readonly direction: 'h2c' | 'c2h',
    /** Keeps the device from all memory: an engine that does not stop must not reach it. */
    private readonly cutOff: () => void,
  ) {
    const { offset, byteLength, lock } = request
    this.#pieces = cutIntoPieces(lock.pages, { offset, byteLength, blockByteLength: byteLength })
    this.#end = new RunEnd(lock, request.channel)
  }

  get ended(): Promise<TransferOutcome> {
    return this.#end.ended
  }

  async begin(): Promise<void> {
    try {
      await this.request.lock.syncForDevice()
      this.#next()
    } catch (error) {
      this.#end.abandon()
      throw error
    }
    this.#end.every(pollMs, () => this.service())
    if (this.request.timeoutMs > 0) this.#end.after(this.request.timeoutMs, () => this.#timeOut())
  }

  progress(): TransferProgress {
    return this.#end.outcome ?? this.#progress()
  }

  /** The device interrupted, or it is time to look. */
  service(): void {
    if (!this.#begun || this.#end.outcome) return
    const state = this.engine.state()
    if (state === 'lost') this.#settleLost()
    else if (state === 'idle') this.#pieceMoved()
  }

  /** A DMA that runs cannot be called off, so this waits for its end. */
  async stop(): Promise<TransferOutcome> {
    if (!this.#end.outcome && !this.#stopping) {
      this.#stopping = true
      this.#end.after(hungMs, () => this.#giveUp())
      this.service()
    }
    return this.ended
  }

  /** The device was brought to rest under the run. */
  boardWasReset(error: DriverError): void {
    if (this.#stopping) this.#settle('stopped')
    else this.#settle('failed', { error })
  }

  #pieceMoved(): void {
    this.#bytes += this.#pieces[this.#current]?.byteLength ?? 0
    this.#current += 1
    if (this.#current === this.#pieces.length) this.#settle('done')
    else if (this.#stopping) this.#settle('stopped')
    else this.#next()
  }

  #next(): void {
    const piece = this.#pieces[this.#current]
    if (!piece) return
    this.engine.start({
      direction: this.direction,
      hostAddress: piece.address,
      bufferOffset: Number(this.request.deviceAddress) + this.#bytes,
      byteLength: piece.byteLength,
    })
    this.#begun = true
  }

  #timeOut(): void {
    this.#timedOut = true
    void this.stop()
  }

  #giveUp(): void {
    this.cutOff()
    const detail = `The DMA engine did not stop within ${hungMs / 1000} s, so bus mastering was switched off.`
    this.#settle('failed', { fault: { kind: 'stall', detail } })
  }

  #settleLost(): void {
    const error = linkLost()
    this.#settle('failed', { error, fault: { kind: 'linkLost', detail: error.message } })
  }

  #settle(
    state: TransferOutcome['state'],
    { error, fault }: Pick<TransferOutcome, 'error' | 'fault'> = {},
  ): void {
    const failure = this.#timedOut && state !== 'done' ? timedOut(this.request.timeoutMs) : error
    this.#end.settle({
      ...this.#progress(),
      state: failure ? 'failed' : state,
      ...(failure ? { error: failure } : {}),
      ...(fault ? { fault } : {}),
    })
  }

  #progress(): TransferProgress {
    const whole = this.#bytes === this.request.byteLength
    return { bytesCompleted: this.#bytes, blocksCompleted: whole ? 1 : 0, overruns: 0 }
  }
}
