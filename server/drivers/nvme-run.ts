// One transfer of an NVMe namespace: its commands, several of them under way at once.

import type {
  DriverError,
  DriverTransfer,
  TransferOutcome,
  TransferProgress,
  TransferStart,
} from './board-driver.ts'
import { linkLost, timedOut } from './driver-errors.ts'
import {
  type BlockCommand,
  type DataPointer,
  fitsPages,
  ioOpcode,
  pointToPages,
  pointToPieces,
  split,
} from './nvme-commands.ts'
import { commandSlots, type NvmeController, namespaceId } from './nvme-controller.ts'
import { status } from './nvme-registers.ts'
import { nvmeError } from './nvme-status.ts'
import { allOnes } from './register-map.ts'
import { RunEnd } from './run-end.ts'

/** Each direction has a half of the slots. */
const slotsOfRun = commandSlots / 2
/** Fall-back for a lost interrupt, and how soon a controller that gave up is noticed. */
const pollMs = 250
/** A command that takes longer is ended by a reset of the board. */
const hungMs = 15_000

export class NvmeRun implements DriverTransfer {
  readonly isCountLost = false
  readonly #end: RunEnd
  readonly #isWrite: boolean
  readonly #freeSlots: number[]
  readonly #isDone: boolean[]
  #begun = false
  #next = 0
  /** Commands done without a gap from the first on: only these count. */
  #done = 0
  #bytesCompleted = 0
  #flush: 'wanted' | 'done'
  #movedAt = 0
  #stopping = false
  #timedOut = false
  #error: DriverError | undefined

  constructor(
    private readonly controller: NvmeController,
    private readonly request: TransferStart,
    private readonly commands: readonly BlockCommand[],
    /** Ends what is under way; this run with it. */
    private readonly resetBoard: (fault: NonNullable<TransferOutcome['fault']>) => Promise<void>,
  ) {
    this.#isWrite = request.channel === 'h2c0'
    this.#flush = this.#isWrite ? 'wanted' : 'done'
    const firstSlot = this.#isWrite ? 0 : slotsOfRun
    this.#freeSlots = Array.from({ length: slotsOfRun }, (_, index) => firstSlot + index)
    this.#isDone = commands.map(() => false)
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
    this.#movedAt = performance.now()
    this.#end.every(pollMs, () => this.#look())
    if (timeoutMs > 0) this.#end.after(timeoutMs, () => this.#timeOut())
    this.#goOn()
  }

  /** Never begun. */
  abandon(): void {
    this.#end.abandon()
  }

  progress(): TransferProgress {
    return this.#end.outcome ?? this.#counts()
  }

  /** What is under way ends by itself, soon; nothing else is begun. */
  async stop(): Promise<TransferOutcome> {
    this.#stopping = true
    if (this.#begun) this.#goOn()
    return this.ended
  }

  boardWasReset(error: DriverError, fault?: TransferOutcome['fault']): void {
    const failure = this.#timedOut ? timedOut(this.request.timeoutMs) : error
    const isStopped = this.#stopping && !this.#timedOut && !fault
    if (isStopped) this.#end.settle('stopped')
    else this.#end.settle('failed', { error: failure, fault })
  }

  /** Submits what fits, and settles when nothing is left. */
  #goOn(): void {
    if (this.#end.outcome) return
    const mayBegin = !this.#stopping && !this.#error
    while (mayBegin && this.#next < this.commands.length && this.#freeSlots.length > 0) {
      this.#submitNext()
    }
    if (this.#freeSlots.length < slotsOfRun) return
    if (this.#error) this.#end.settle('failed', { error: this.#error })
    else if (this.#timedOut) this.#end.settle('failed', { error: timedOut(this.request.timeoutMs) })
    else if (this.#done < this.commands.length) this.#end.settle('stopped')
    else if (this.#flush === 'wanted') this.#submitFlush()
    else this.#end.settle('done')
  }

  #submitNext(): void {
    const index = this.#next
    const command = this.commands[index]
    const slot = this.#freeSlots.pop()
    if (!command || slot === undefined) return
    this.#next += 1
    const list = this.controller.list(slot)
    const { pieces } = command
    const data = fitsPages(pieces) ? pointToPages(pieces, list) : pointToPieces(pieces, list)
    const opcode = this.#isWrite ? ioOpcode.write : ioOpcode.read
    const words = [...split(command.firstBlock), command.blockCount - 1] as const
    this.#submit(slot, opcode, words, data, () => this.#countDone(index))
  }

  /** What a disk has in its cache is not written yet. */
  #submitFlush(): void {
    const slot = this.#freeSlots.pop()
    if (slot === undefined) return
    this.#submit(slot, ioOpcode.flush, [0, 0, 0], undefined, () => {
      this.#flush = 'done'
    })
  }

  #submit(
    slot: number,
    opcode: number,
    words: readonly [number, number, number],
    data: DataPointer | undefined,
    onSuccess: () => void,
  ): void {
    const command = { opcode, namespace: namespaceId, words, ...(data ? { data } : {}) }
    this.controller.submit(slot, command, (answer) => {
      this.#movedAt = performance.now()
      this.#freeSlots.push(slot)
      if (answer === 0) onSuccess()
      else this.#error ??= nvmeError(names[opcode] ?? 'A command', answer)
      this.#goOn()
    })
  }

  #countDone(index: number): void {
    this.#isDone[index] = true
    while (this.#isDone[this.#done]) {
      this.#bytesCompleted += this.commands[this.#done]?.byteLength ?? 0
      this.#done += 1
    }
  }

  #look(): void {
    this.controller.service()
    if (this.#end.outcome) return
    const seen = this.controller.registers.read('status')
    if (seen === allOnes) {
      const error = linkLost()
      this.#end.settle('failed', { error, fault: { kind: 'linkLost', detail: error.message } })
    } else if (seen & status.fatal) {
      void this.resetBoard({ kind: 'engine', detail: 'The controller gave up (CSTS.CFS).' })
    } else if (performance.now() - this.#movedAt > hungMs) {
      const detail = `A command was not answered within ${hungMs} ms, so the board was reset.`
      void this.resetBoard({ kind: 'stall', detail })
    }
  }

  #timeOut(): void {
    this.#timedOut = true
    void this.stop()
  }

  #counts(): TransferProgress {
    const blocksCompleted = this.#done === this.commands.length ? 1 : 0
    return { bytesCompleted: this.#bytesCompleted, blocksCompleted, overruns: 0 }
  }
}

const names: Record<number, string> = {
  [ioOpcode.read]: 'A read',
  [ioOpcode.write]: 'A write',
  [ioOpcode.flush]: 'The flush',
}
