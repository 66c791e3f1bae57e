// One transfer of edu: its DMAs, one after the other.

import type {
  DriverError,
  DriverTransfer,
  TransferOutcome,
  TransferProgress,
  TransferStart,
} from './board-driver.ts'
import { boardFault, linkLost, timedOut } from './driver-errors.ts'
import { dmaCommand, type EduRegisters, isEdu } from './edu-registers.ts'
import type { EduDma } from './edu-rules.ts'
import { allOnes } from './register-map.ts'
import { RunEnd } from './run-end.ts'

/** Fall-back for a lost interrupt. */
const pollMs = 100
/** A DMA takes 100 ms of the machine's time, which a busy host may stretch; after this long it counts as hung. */
const hungMs = 5_000

export class EduRun implements DriverTransfer {
  readonly isCountLost = false
  readonly #end: RunEnd
  #begun = false
  #current = 0
  #startedAt = 0
  #bytesCompleted = 0
  #stopping = false
  #timedOut = false

  constructor(
    private readonly registers: EduRegisters,
    private readonly request: TransferStart,
    private readonly dmas: readonly EduDma[],
    private readonly switchBusMasterOff: () => void,
  ) {
    this.#end = new RunEnd(request.lock, request.channel, () => this.#counts())
  }

  get ended(): Promise<TransferOutcome> {
    return this.#end.ended
  }

  async begin(): Promise<void> {
    const { lock, timeoutMs } = this.request
    await lock.syncForDevice()
    if (this.#end.outcome) return
    this.#begun = true
    this.#startDma()
    this.#end.every(pollMs, () => this.service())
    if (timeoutMs > 0) this.#end.after(timeoutMs, () => this.#timeOut())
  }

  /** Never begun. */
  abandon(): void {
    this.#end.abandon()
  }

  progress(): TransferProgress {
    this.service()
    return this.#end.outcome ?? this.#counts()
  }

  /** After an interrupt, or now and then. */
  service(): void {
    if (!this.#begun || this.#end.outcome) return
    const command = this.registers.read('dmaCommand')
    if (command === allOnes && !isEdu(this.registers.read('identification'))) {
      this.#fail('linkLost', linkLost())
    } else if ((command & dmaCommand.run) === 0) this.#finishDma()
    else if (performance.now() - this.#startedAt > hungMs) this.#giveUp()
  }

  /** A DMA that runs cannot be called back, so this waits for its end and starts no other. */
  async stop(): Promise<TransferOutcome> {
    this.#stopping = true
    this.service()
    return this.ended
  }

  /** The engine reaches no memory any more. */
  boardWasReset(error: DriverError): void {
    if (this.#stopping) this.#end.settle('stopped')
    else this.#end.settle('failed', { error })
  }

  #startDma(): void {
    const dma = this.dmas[this.#current]
    if (!dma) return
    const fromBoard = this.request.channel === 'c2h0'
    const { registers } = this
    registers.write('dmaSource', fromBoard ? dma.boardAddress : dma.hostAddress)
    registers.write('dmaDestination', fromBoard ? dma.hostAddress : dma.boardAddress)
    registers.write('dmaByteLength', dma.byteLength)
    const direction = fromBoard ? dmaCommand.fromBoard : 0
    registers.write('dmaCommand', dmaCommand.run | dmaCommand.interrupt | direction)
    this.#startedAt = performance.now()
  }

  #finishDma(): void {
    this.#bytesCompleted += this.dmas[this.#current]?.byteLength ?? 0
    this.#current += 1
    if (this.#timedOut) this.#end.settle('failed', { error: timedOut(this.request.timeoutMs) })
    else if (this.#current === this.dmas.length) this.#end.settle('done')
    else if (this.#stopping) this.#end.settle('stopped')
    else this.#startDma()
  }

  #timeOut(): void {
    this.#timedOut = true
    void this.stop()
  }

  /** There is no reset to end it with. Without bus mastering it at least reaches no memory. */
  #giveUp(): void {
    this.switchBusMasterOff()
    this.#fail(
      'stall',
      boardFault(`A DMA did not end within ${hungMs} ms, so bus mastering was switched off.`),
    )
  }

  #fail(kind: 'linkLost' | 'stall', error: DriverError): void {
    this.#end.settle('failed', { error, fault: { kind, detail: error.message } })
  }

  #counts(): TransferProgress {
    const blocksCompleted = this.#current === this.dmas.length ? 1 : 0
    return { bytesCompleted: this.#bytesCompleted, blocksCompleted, overruns: 0 }
  }
}
