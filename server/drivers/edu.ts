// Driver for QEMU's educational PCI device: a buffer of 4 KiB behind one DMA engine, a factorial and interrupts. It is tried on the
// model of QEMU 7.2, and docs/drivers.md walks through it as the example of how a board is added.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Card } from '../../native/index.ts'
import type { BoardDescription, Channel } from '../contract/board.ts'
import type { BoardDriver, DriverTransfer, Remains, TransferStart } from './board-driver.ts'
import {
  boardFault,
  busy,
  linkLost,
  notIdle,
  notThisKind,
  unknownChannel,
} from './driver-errors.ts'
import {
  dmaCommand,
  EduRegisters,
  eduRegisterMap,
  isEdu,
  reachableByteLength,
} from './edu-registers.ts'
import { planDmas } from './edu-rules.ts'
import { EduRun } from './edu-run.ts'
import { allOnes } from './register-map.ts'
import { busMasterOff, checkBusMaster } from './start-rules.ts'

/** Vendor 0x1234, device 0x11E8, as configuration space has them. */
const pciId = 0x11e8_1234
/** What a dead process left running ends by itself, after 100 ms of the machine's time. */
const idleMs = 5_000
const idlePollMs = 5

export class EduDriver implements BoardDriver {
  readonly channels: readonly Channel[] = [channel('h2c'), channel('c2h')]
  readonly registers = eduRegisterMap
  /** Nobody reaches the buffer's last byte. */
  readonly remains: Remains = { kind: 'memory', channel: 'h2c0', byteLength: reachableByteLength }
  readonly #registers: EduRegisters
  #run: EduRun | undefined
  #disarm: (() => void) | undefined

  constructor(private readonly card: Card) {
    this.#registers = new EduRegisters(card)
  }

  async identify(): Promise<NonNullable<BoardDescription['identity']>> {
    const found = this.card.readConfig({ offset: 0, width: 32 })
    if (found !== pciId) throw notThisKind(`The device is ${hex(found)}, not edu (${hex(pciId)}).`)
    const identification = this.#registers.read('identification')
    if (!isEdu(identification)) {
      throw notThisKind(`BAR 0 identifies itself as ${hex(identification)}, which is not edu.`)
    }
    await this.#bringToIdle()
    return {
      model: 'QEMU edu',
      version: `${identification >>> 24}.${(identification >>> 16) & 0xff}`,
      buildId: hex(identification),
    }
  }

  sampleFormat(): null {
    return null
  }

  async start(request: TransferStart): Promise<DriverTransfer> {
    const wanted = this.channels.find(({ id }) => id === request.channel)
    if (!wanted) throw unknownChannel(request.channel)
    checkBusMaster(this.card)
    const dmas = planDmas(wanted, request)
    // One engine serves both channels.
    if (this.#run || this.#isRunning()) throw busy("edu's only DMA engine")
    const run = new EduRun(this.#registers, request, dmas, () => this.card.setBusMaster(false))
    this.#run = run
    void run.ended.then(() => {
      if (this.#run === run) this.#run = undefined
    })
    try {
      await run.begin()
    } catch (error) {
      this.#run = undefined
      run.abandon()
      throw error
    }
    return run
  }

  isLinkLost(): boolean {
    return !isEdu(this.#registers.read('identification'))
  }

  /** edu has no reset, so this waits until it is idle. Without bus mastering a DMA under way moves nothing. */
  async reset(): Promise<void> {
    this.card.setBusMaster(false)
    const lost = this.isLinkLost()
    this.#run?.boardWasReset(lost ? linkLost() : boardFault('The board was reset.'))
    if (!lost) await this.#bringToIdle()
  }

  async healthCheck() {
    const identification = this.#registers.read('identification')
    if (identification === allOnes) return { ok: false, detail: 'The board does not answer.' }
    if (!isEdu(identification)) {
      return { ok: false, detail: `Unknown identification ${hex(identification)}.` }
    }
    if (!this.card.busMaster) return { ok: false, detail: busMasterOff }
    if (!this.#run && this.#isRunning()) {
      return { ok: false, detail: 'The DMA engine is busy although nothing runs.' }
    }
    return { ok: true, detail: 'Registers answer and the DMA engine is idle.' }
  }

  /**
   * A process that was killed may have left a DMA, which would land in our memory: bus mastering stays off until it has ended.
   * Interrupts are armed before the first can come.
   */
  async #bringToIdle(): Promise<void> {
    this.card.setBusMaster(false)
    const deadline = performance.now() + idleMs
    while (this.#isRunning()) {
      if (performance.now() > deadline) {
        throw notIdle(`A DMA has been running for ${idleMs} ms, and edu has no reset.`)
      }
      await sleep(idlePollMs)
    }
    this.#registers.write('status', 0)
    this.#registers.write('acknowledge', this.#registers.read('interruptStatus'))
    if (this.card.vectorCount > 0) this.#disarm ??= this.card.onInterrupt(0, () => this.#service())
    this.card.setBusMaster(true)
  }

  /** Whatever was raised is acknowledged, also what a person raised: a line would stay asserted otherwise. */
  #service(): void {
    if (!this.card.isOpen) return
    const raised = this.#registers.read('interruptStatus')
    if (raised !== 0 && raised !== allOnes) this.#registers.write('acknowledge', raised)
    this.#run?.service()
  }

  #isRunning(): boolean {
    return (this.#registers.read('dmaCommand') & dmaCommand.run) !== 0
  }
}

function channel(direction: Channel['direction']): Channel {
  return {
    id: `${direction}0`,
    direction,
    kind: 'memory',
    name: 'Buffer',
    byteLengthMultiple: 1,
    modes: ['once'],
    deviceByteLength: reachableByteLength,
    deviceBlockByteLength: 1,
    unavailable: null,
  }
}

const hex = (value: number) => `0x${value.toString(16).padStart(8, '0')}`
