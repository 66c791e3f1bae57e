// Driver for Intel's 82574L network card, used as a stream of packets: frames from the wire into a lock. Nothing is sent. It is tried on
// the model of QEMU 7.2 (e1000e).

import type { Card } from '../../native/index.ts'
import type { BoardDescription, Channel } from '../contract/board.ts'
import { dmaOptions } from '../contract/dma-options.ts'
import type { BoardDriver, DriverTransfer, Remains, TransferStart } from './board-driver.ts'
import {
  boardFault,
  busy,
  linkLost,
  notIdle,
  notThisKind,
  unknownChannel,
} from './driver-errors.ts'
import { slotByteLength } from './e1000e-frames.ts'
import {
  allOnVector0,
  E1000eRegisters,
  e1000eRegister,
  e1000eRegisterMap,
  interruptGap,
  linkUp,
  receiveOn,
  setLinkUp,
} from './e1000e-registers.ts'
import { descriptorByteLength, descriptorCount } from './e1000e-ring.ts'
import { planSlots } from './e1000e-rules.ts'
import { E1000eRun } from './e1000e-run.ts'
import { allOnes } from './register-map.ts'
import { busMasterOff, checkBusMaster } from './start-rules.ts'

/** Vendor 0x8086, device 0x10D3, as configuration space has them. */
const pciId = 0x10d3_8086

const receive: Channel = {
  id: 'c2h0',
  direction: 'c2h',
  kind: 'stream',
  name: 'Ethernet frames',
  byteLengthMultiple: slotByteLength,
  modes: ['once', 'cyclic'],
  deviceByteLength: null,
  deviceBlockByteLength: 1,
  unavailable: null,
}

export class E1000eDriver implements BoardDriver {
  readonly channels: readonly Channel[] = [receive]
  readonly registers = e1000eRegisterMap
  /** It only receives. */
  readonly remains: Remains = { kind: 'nothing' }
  readonly #registers: E1000eRegisters
  #run: E1000eRun | undefined
  #disarm: (() => void) | undefined

  constructor(private readonly card: Card) {
    this.#registers = new E1000eRegisters(card)
  }

  async identify(): Promise<NonNullable<BoardDescription['identity']>> {
    const found = this.card.readConfig({ offset: 0, width: 32 })
    if (found !== pciId) {
      throw notThisKind(`The device is 0x${found.toString(16)}, not an 82574L (0x10d38086).`)
    }
    await this.#bringToIdle()
    return {
      model: 'Intel 82574L',
      version: `revision ${this.card.readConfig({ offset: 8, width: 8 })}`,
      buildId: this.#macAddress(),
    }
  }

  sampleFormat(): null {
    return null
  }

  async start(request: TransferStart): Promise<DriverTransfer> {
    if (request.channel !== receive.id) throw unknownChannel(request.channel)
    checkBusMaster(this.card)
    const slots = planSlots(receive, request)
    if (this.#run) throw busy(receive.id)
    const run = new E1000eRun(this.#registers, request, slots, () => this.card.setBusMaster(false))
    this.#run = run
    void run.ended.then(() => {
      if (this.#run === run) this.#run = undefined
    })
    try {
      await run.begin(
        await this.#lockRing(descriptorCount(slots.length, request.mode === 'cyclic')),
      )
    } catch (error) {
      this.#run = undefined
      run.abandon()
      throw error
    }
    return run
  }

  isLinkLost(): boolean {
    return this.#registers.read('status') === allOnes
  }

  async reset(): Promise<void> {
    this.card.setBusMaster(false)
    const lost = this.isLinkLost()
    this.#run?.boardWasReset(lost ? linkLost() : boardFault('The board was reset.'))
    if (!lost) await this.#bringToIdle()
  }

  async healthCheck() {
    const status = this.#registers.read('status')
    if (status === allOnes) return { ok: false, detail: 'The board does not answer.' }
    if (!this.card.busMaster) return { ok: false, detail: busMasterOff }
    if (!this.#run && this.#registers.read('receiveControl') & receiveOn) {
      return { ok: false, detail: 'Reception is on although nothing runs.' }
    }
    return { ok: true, detail: `Registers answer; the link is ${status & linkUp ? 'up' : 'down'}.` }
  }

  #lockRing(descriptors: number) {
    return this.card.lockContiguous(descriptors * descriptorByteLength, {
      direction: 'toFromDevice',
      options: dmaOptions.KERNEL_BUFFER_ALLOC | dmaOptions.ALLOW_64BIT_ADDRESS,
      owner: 'driver ring',
    })
  }

  /**
   * The ring of a process that was killed may still be live, and would be read and written at addresses that are ours by now. The card's
   * own reset leaves it as it is (QEMU 7.2), so it is taken apart by hand, with bus mastering off.
   */
  async #bringToIdle(): Promise<void> {
    const registers = this.#registers
    this.card.setBusMaster(false)
    registers.write('receiveControl', 0)
    registers.write('transmitControl', 0)
    registers.write('maskClear', allOnes)
    registers.takeCauses()
    registers.write('ringHead', 0)
    registers.write('ringTail', 0)
    const isOn = registers.read('receiveControl') & receiveOn
    if (isOn || registers.read('ringHead') !== registers.read('ringTail')) {
      throw notIdle('Reception does not stop. Power-cycle the board.')
    }
    registers.write('receiveFilter', 0)
    registers.write('throttle', interruptGap)
    registers.write('vectors', allOnVector0)
    registers.write('vectorThrottle', interruptGap)
    registers.write('control', registers.read('control') | setLinkUp)
    this.card.setCleanup(
      [
        { offset: e1000eRegister.receiveControl, value: 0 },
        { offset: e1000eRegister.maskClear, value: allOnes },
      ].map(({ offset, value }) => ({ register: { barIndex: 0, offset, width: 32 }, value })),
    )
    if (this.card.vectorCount > 0) this.#disarm ??= this.card.onInterrupt(0, () => this.#service())
    this.card.setBusMaster(true)
  }

  #service(): void {
    if (!this.card.isOpen) return
    const causes = this.#registers.takeCauses()
    this.#run?.service(causes)
  }

  #macAddress(): string {
    const bytes = Buffer.alloc(8)
    bytes.writeUInt32LE(this.#registers.read('addressLow'), 0)
    bytes.writeUInt32LE(this.#registers.read('addressHigh'), 4)
    return [...bytes.subarray(0, 6)].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
  }
}
