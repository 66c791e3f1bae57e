// One pair of NVMe queues in locked memory.

import {
  completionByteLength,
  type NvmeCommand,
  submissionByteLength,
  writeCommand,
} from './nvme-commands.ts'
import type { NvmeRegisters } from './nvme-registers.ts'

export interface QueueMemory {
  submission: Uint32Array
  completion: Uint32Array
}

/** Whoever submits sees to it that fewer than `queueEntries` commands are under way. */
export const queueEntries = 64

export class NvmeQueue {
  #tail = 0
  #head = 0
  #phase = 1

  constructor(
    private readonly registers: NvmeRegisters,
    private readonly id: number,
    private readonly memory: QueueMemory,
  ) {}

  submit(id: number, command: NvmeCommand): void {
    writeCommand(this.memory.submission, this.#tail, id, command)
    this.#tail = (this.#tail + 1) % queueEntries
    this.registers.ring(this.id, 'submission', this.#tail)
  }

  /** Takes all completions that are new. An interrupt may stand for several, and for none. */
  drain(take: (id: number, status: number) => void): void {
    const taken: [id: number, status: number][] = []
    for (;;) {
      // The last word is written with the rest, and its phase says that it was.
      const at = (this.#head * completionByteLength) / 4 + 3
      const word = Atomics.load(this.memory.completion, at)
      if (((word >>> 16) & 1) !== this.#phase) break
      taken.push([word & 0xffff, word >>> 17])
      this.#head = (this.#head + 1) % queueEntries
      if (this.#head === 0) this.#phase ^= 1
    }
    if (taken.length === 0) return
    this.registers.ring(this.id, 'completion', this.#head)
    for (const [id, status] of taken) take(id, status)
  }

  /** Before the controller is enabled: a queue begins at entry 0, and nothing in it may look new. */
  clear(): void {
    this.memory.submission.fill(0, 0, (queueEntries * submissionByteLength) / 4)
    this.memory.completion.fill(0, 0, (queueEntries * completionByteLength) / 4)
    this.#tail = 0
    this.#head = 0
    this.#phase = 1
  }
}
