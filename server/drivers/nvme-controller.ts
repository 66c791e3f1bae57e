// An NVMe controller: brought up by its admin queue, with one pair of queues for reads and writes.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Card, DmaLock } from '../../native/index.ts'
import { dmaOptions } from '../contract/dma-options.ts'
import { boardFault, notIdle } from './driver-errors.ts'
import {
  adminOpcode,
  type ListPage,
  type NvmeCommand,
  pageByteLength,
  split,
} from './nvme-commands.ts'
import {
  type ControllerIdentity,
  type NamespaceIdentity,
  readController,
  readNamespace,
} from './nvme-identity.ts'
import { NvmeQueue, queueEntries } from './nvme-queue.ts'
import { enabledConfiguration, NvmeRegisters, nvmeRegister, status } from './nvme-registers.ts'
import { nvmeError } from './nvme-status.ts'
import { allOnes } from './register-map.ts'

/** Commands under way at once: each has a number below this, and a page for its list. */
export const commandSlots = 16
export const namespaceId = 1

const ioQueueId = 1
const vector = 0
/** Pages of the driver's memory: two queues each, the answer to Identify, and the lists. */
const page = { adminSq: 0, adminCq: 1, ioSq: 2, ioCq: 3, identity: 4, lists: 5 } as const
const memoryByteLength = (page.lists + commandSlots) * pageByteLength
const adminMs = 10_000
const pollMs = 1

interface Memory {
  lock: DmaLock
  admin: NvmeQueue
  io: NvmeQueue
}

export class NvmeController {
  readonly registers: NvmeRegisters
  #memory: Memory | undefined
  #disarm: (() => void) | undefined
  readonly #waiting: (((status: number) => void) | undefined)[] = []

  constructor(
    private readonly card: Card,
    /** Called after each interrupt. */
    private readonly onInterrupt: () => void,
  ) {
    this.registers = new NvmeRegisters(card)
  }

  /** Proves it idle with bus mastering off, and brings it up. NOT_IDLE, or BOARD_FAULT with bus mastering off. */
  async bringUp(): Promise<{ controller: ControllerIdentity; namespace: NamespaceIdentity }> {
    await this.bringToIdle()
    try {
      const memory = await this.#prepareMemory()
      await this.#enable(memory)
      const found = await this.#identify(memory)
      await this.#createQueues(memory)
      return found
    } catch (error) {
      this.card.setBusMaster(false)
      throw error
    }
  }

  async bringToIdle(): Promise<void> {
    this.card.setBusMaster(false)
    this.#disarm?.()
    this.#disarm = undefined
    this.#waiting.length = 0
    if (this.card.canReset) await this.card.reset()
    this.registers.write('configuration', 0)
    await this.#waitFor((seen) => (seen & status.ready) === 0, 'is still enabled')
  }

  /** Puts a command on its way; `take` gets its status. `id` is below `commandSlots` and not under way. */
  submit(id: number, command: NvmeCommand, take: (status: number) => void): void {
    this.#waiting[id] = take
    this.#memory?.io.submit(id, command)
  }

  /** Hands over all completions that are there. */
  service(): void {
    if (!this.card.isOpen) return
    this.#memory?.io.drain((id, status) => {
      const take = this.#waiting[id]
      this.#waiting[id] = undefined
      take?.(status)
    })
  }

  list(id: number): ListPage {
    return this.#page(page.lists + id)
  }

  async #prepareMemory(): Promise<Memory> {
    if (this.#memory) return this.#memory
    const lock = await this.card.lockContiguous(memoryByteLength, {
      direction: 'toFromDevice',
      options: dmaOptions.KERNEL_BUFFER_ALLOC | dmaOptions.ALLOW_64BIT_ADDRESS,
      owner: 'driver queues',
    })
    const queue = (id: number, sq: number, cq: number) =>
      new NvmeQueue(this.registers, id, {
        submission: wordsOf(lock, sq),
        completion: wordsOf(lock, cq),
      })
    const admin = queue(0, page.adminSq, page.adminCq)
    const io = queue(ioQueueId, page.ioSq, page.ioCq)
    this.#memory = { lock, admin, io }
    return this.#memory
  }

  async #enable({ admin, io, lock }: Memory): Promise<void> {
    const { registers } = this
    admin.clear()
    io.clear()
    await lock.syncForDevice()
    const [sqLow, sqHigh] = split(this.#page(page.adminSq).address)
    const [cqLow, cqHigh] = split(this.#page(page.adminCq).address)
    registers.write('adminQueueSizes', ((queueEntries - 1) << 16) | (queueEntries - 1))
    registers.write('adminSubmissionLow', sqLow)
    registers.write('adminSubmissionHigh', sqHigh)
    registers.write('adminCompletionLow', cqLow)
    registers.write('adminCompletionHigh', cqHigh)
    if (this.card.vectorCount > 0) {
      this.#disarm = this.card.onInterrupt(vector, () => this.onInterrupt())
    }
    // When the card is closed, or the process ends, it stops by itself.
    const configuration = { barIndex: 0, offset: nvmeRegister.configuration, width: 32 } as const
    this.card.setCleanup([{ register: configuration, value: 0 }])
    this.card.setBusMaster(true)
    registers.write('configuration', enabledConfiguration)
    await this.#waitFor((seen) => (seen & status.ready) !== 0, 'does not become ready')
  }

  async #identify(memory: Memory) {
    const { address } = this.#page(page.identity)
    const answer = memory.lock.userBytes.subarray(
      page.identity * pageByteLength,
      (page.identity + 1) * pageByteLength,
    )
    await this.#ask(memory, 'Identify controller', adminOpcode.identify, 0, address, [1, 0, 0])
    const smallestPage = 4096 << ((this.registers.read('capabilitiesHigh') >>> 16) & 0xf)
    const controller = readController(answer, smallestPage)
    const namespace = [0, 0, 0] as const
    await this.#ask(
      memory,
      'Identify namespace',
      adminOpcode.identify,
      namespaceId,
      address,
      namespace,
    )
    return { controller, namespace: readNamespace(answer) }
  }

  /** The completion queue first: the submission queue names it. */
  async #createQueues(memory: Memory): Promise<void> {
    const shape = ((queueEntries - 1) << 16) | ioQueueId
    const contiguous = 1
    const interrupts = this.card.vectorCount > 0 ? 2 : 0
    await this.#ask(
      memory,
      'Create I/O completion queue',
      adminOpcode.createCompletion,
      0,
      this.#page(page.ioCq).address,
      [shape, (vector << 16) | interrupts | contiguous, 0],
    )
    await this.#ask(
      memory,
      'Create I/O submission queue',
      adminOpcode.createSubmission,
      0,
      this.#page(page.ioSq).address,
      [shape, (ioQueueId << 16) | contiguous, 0],
    )
  }

  /** An admin command, waited for by looking: there are five of them, at start. */
  async #ask(
    { admin }: Memory,
    name: string,
    opcode: number,
    namespace: number,
    address: number,
    words: NvmeCommand['words'],
  ): Promise<void> {
    const data = { words: [...split(address), 0, 0] as const, isScatterGather: false }
    let answer: number | undefined
    admin.submit(0, { opcode, namespace, data, words })
    const deadline = performance.now() + adminMs
    for (;;) {
      admin.drain((_, status) => {
        answer = status
      })
      if (answer !== undefined) break
      if (performance.now() > deadline) throw boardFault(`${name} was not answered.`)
      await sleep(pollMs)
    }
    if (answer !== 0) throw nvmeError(name, answer)
  }

  async #waitFor(isThere: (status: number) => boolean, what: string): Promise<void> {
    const capabilities = this.registers.read('capabilitiesLow')
    const waitMs = Math.max(1, capabilities >>> 24) * 500
    const deadline = performance.now() + waitMs
    for (;;) {
      const seen = this.registers.read('status')
      if (seen !== allOnes && isThere(seen)) return
      const gone = seen === allOnes || (seen & status.fatal) !== 0
      if (gone || performance.now() > deadline) {
        throw notIdle(`The controller ${what} (CSTS 0x${seen.toString(16)}) after ${waitMs} ms.`)
      }
      await sleep(pollMs)
    }
  }

  #page(index: number): ListPage {
    const lock = this.#memory?.lock
    const address = Number(lock?.pages[0]?.address) + index * pageByteLength
    return { address, words: lock ? wordsOf(lock, index) : new Uint32Array(0) }
  }
}

function wordsOf({ userBytes }: DmaLock, index: number): Uint32Array {
  const start = userBytes.byteOffset + index * pageByteLength
  return new Uint32Array(userBytes.buffer, start, pageByteLength / 4)
}
