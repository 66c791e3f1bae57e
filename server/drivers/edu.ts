// Driver for QEMU's edu device: a buffer of 4 KiB behind one DMA engine, and a factorial to play with. It is the smallest driver
// there is, and docs/drivers.md walks through it. Tried on QEMU 7.2.

import { setTimeout as delay } from 'node:timers/promises'
import type { Card } from '../../native/index.ts'
import type { BoardDescription, Channel } from '../contract/board.ts'
import type { BoardDriver, DriverTransfer, TransferStart } from './board-driver.ts'
import {
  boardFault,
  busy,
  linkLost,
  notIdle,
  notThisKind,
  unknownChannel,
} from './driver-errors.ts'
import { EduEngine } from './edu-engine.ts'
import {
  bufferByteLength,
  dmaEnded,
  eduDeviceId,
  eduRegister,
  eduRegisters,
} from './edu-registers.ts'
import { EduRun } from './edu-run.ts'
import { busMasterOff, checkBusMaster, checkOnce, checkStart } from './start-rules.ts'

/** What a dead process started ends within 100 ms, also on a slow machine within this. */
const idleTimeoutMs = 5_000
const idlePollMs = 10

const channel = (direction: Channel['direction']): Channel => ({
  id: `${direction}0`,
  direction,
  kind: 'memory',
  name: 'Buffer',
  byteLengthMultiple: 1,
  modes: ['once'],
  deviceByteLength: bufferByteLength,
  deviceBlockByteLength: 1,
  unavailable: null,
})

export class EduDriver implements BoardDriver {
  readonly channels = [channel('h2c'), channel('c2h')]
  readonly registers = eduRegisters
  readonly #engine: EduEngine
  #run: EduRun | undefined

  constructor(private readonly card: Card) {
    this.#engine = new EduEngine(card)
  }

  async identify(): Promise<NonNullable<BoardDescription['identity']>> {
    const device = this.card.readConfig({ offset: 0, width: 32 })
    const id = this.#engine.read(eduRegister.identification)
    if (device !== eduDeviceId || (id & 0xff) !== 0xed) {
      throw notThisKind(`This is no edu device: PCI ${hex(device)}, identification ${hex(id)}.`)
    }
    await this.#bringToIdle()
    if (this.card.vectorCount > 0) this.card.onInterrupt(0, () => this.#run?.service())
    return { model: 'QEMU edu', version: `${id >>> 24}.${(id >> 16) & 0xff}`, buildId: hex(id) }
  }

  /** There is no reset, and a DMA cannot be called off: with bus mastering off it ends without reaching anybody's memory. */
  async #bringToIdle(): Promise<void> {
    this.card.setBusMaster(false)
    const end = performance.now() + idleTimeoutMs
    while (this.#engine.isRunning()) {
      if (this.isLinkLost()) return
      if (performance.now() > end) {
        throw notIdle('The DMA engine does not stop. Power-cycle the machine the device is in.')
      }
      await delay(idlePollMs)
    }
    this.#engine.write(eduRegister.interruptAcknowledge, dmaEnded)
    this.card.setBusMaster(true)
  }

  sampleFormat() {
    return null
  }

  async start(request: TransferStart): Promise<DriverTransfer> {
    const found = this.channels.find(({ id }) => id === request.channel)
    if (!found) throw unknownChannel(request.channel)
    checkOnce(found, request.mode)
    checkStart(found, request)
    checkBusMaster(this.card)
    // One engine for both directions.
    if (this.#run) throw busy(found.id)
    const run = new EduRun(this.#engine, request, found.direction, () =>
      this.card.setBusMaster(false),
    )
    this.#run = run
    const forget = () => {
      if (this.#run === run) this.#run = undefined
    }
    void run.ended.then(forget)
    try {
      await run.begin()
    } catch (error) {
      forget()
      throw error
    }
    return run
  }

  isLinkLost(): boolean {
    return this.#engine.isLost()
  }

  async reset(): Promise<void> {
    const bringing = this.#bringToIdle()
    // Bus mastering is off by now: whatever the engine still does, it reaches no memory.
    const lost = this.isLinkLost()
    this.#run?.boardWasReset(lost ? linkLost() : boardFault('The board was reset.'))
    await bringing
  }

  async healthCheck() {
    const id = this.#engine.read(eduRegister.identification)
    if (this.isLinkLost()) return { ok: false, detail: 'The board does not answer.' }
    if ((id & 0xff) !== 0xed) return { ok: false, detail: `Unknown identification ${hex(id)}.` }
    if (!this.card.busMaster) return { ok: false, detail: busMasterOff }
    if (!this.#run && this.#engine.isRunning()) {
      return { ok: false, detail: 'The DMA engine is running although nothing was started.' }
    }
    return { ok: true, detail: 'Registers answer and the DMA engine is idle.' }
  }
}

const hex = (value: number) => `0x${value.toString(16).padStart(8, '0')}`
