// Driver for AMD/Xilinx's XDMA (DMA/Bridge Subsystem for PCI Express, DMA mode) by registers and descriptors alone. It runs on
// Pinlab's simulated endpoint; on XDMA hardware it is untested.

import type { Card } from '../../native/index.ts'
import type { BoardDescription, Channel, Register } from '../contract/board.ts'
import type { BoardDriver, DriverTransfer, Remains, TransferStart } from './board-driver.ts'
import { boardFault, linkLost, notIdle, notThisKind, unknownChannel } from './driver-errors.ts'
import { allOnes } from './register-map.ts'
import { busMasterOff, checkBusMaster, checkStart } from './start-rules.ts'
import { XdmaChannel } from './xdma-channel.ts'
import { type StreamPeer, XdmaEngine } from './xdma-engine.ts'
import {
  adc,
  adcEnable,
  adcShape,
  busy,
  c2hBase,
  channelRegister,
  configIdentifier,
  digitizerId,
  dmaBar,
  h2cBase,
  injectionVersion,
  irqRegister,
  isXdma,
  logAll,
  memoryCardId,
  nonIncrementMode,
  registerMap,
  run,
  userBar,
  userLogic,
} from './xdma-registers.ts'

const mostChannels = 4

export class XdmaDriver implements BoardDriver {
  #channels: XdmaChannel[] = []
  #hasAdc = false
  #canFail = false
  #sampleFormat: BoardDescription['sampleFormat'] = null

  constructor(
    private readonly card: Card,
    private readonly memoryByteLength: number | null = null,
  ) {}

  get channels(): readonly Channel[] {
    return this.#channels.map(({ engine }) => engine.channel)
  }

  get registers(): readonly Register[] {
    return registerMap(
      { hasAdc: this.#hasAdc, canFail: this.#canFail },
      this.#channels.map(({ engine }) => ({ id: engine.channel.id, base: engine.base })),
    )
  }

  /** All memory channels reach the same memory, and nothing can be asked how much of it there is (PG195). */
  get remains(): Remains {
    const channel = this.channels.find(
      ({ direction, kind }) => direction === 'h2c' && kind === 'memory',
    )
    if (!channel) return { kind: 'nothing' }
    const byteLength = this.memoryByteLength
    if (byteLength !== null) return { kind: 'memory', channel: channel.id, byteLength }
    return { kind: 'kept', why: 'How much memory the card has is not known, so it is not cleared.' }
  }

  async identify(): Promise<NonNullable<BoardDescription['identity']>> {
    const irq = this.#readDma(irqRegister.identifier)
    const config = this.#readDma(configIdentifier)
    if (irq >>> 16 !== 0x1fc2 || config >>> 16 !== 0x1fc3) {
      throw notThisKind(
        `BAR ${dmaBar} has no XDMA block (identifiers ${hex(irq)} and ${hex(config)}).`,
      )
    }
    const id = this.#readUser(userLogic.id)
    const version = this.#readUser(userLogic.version)
    const isOurs = id === digitizerId || id === memoryCardId
    this.#hasAdc = id === digitizerId
    this.#canFail = isOurs && version >= injectionVersion
    this.#channels = [...this.#find('h2c'), ...this.#find('c2h')]
    await this.#bringToIdle()
    this.#enableInterrupts()
    for (const channel of this.#channels) await channel.prepare()
    this.sampleFormat()
    return {
      model: this.#hasAdc ? 'XDMA digitizer' : 'XDMA memory card',
      version: `XDMA ${irq & 0xff}`,
      buildId: `${hex(id)}-${version}`,
    }
  }

  /** Real channel numbers are contiguous from 0, so the first gap ends the search. */
  #find(direction: Channel['direction']): XdmaChannel[] {
    const found: XdmaChannel[] = []
    const target = direction === 'h2c' ? 0x1fc0 : 0x1fc1
    for (let number = 0; number < mostChannels; number++) {
      const base = direction === 'h2c' ? h2cBase(number) : c2hBase(number)
      const identifier = this.#readDma(base)
      if (identifier >>> 16 !== target) break
      const kind = identifier & 0x8000 ? 'stream' : 'memory'
      const channel: Channel = {
        id: `${direction}${number}`,
        direction,
        kind,
        name: kind === 'memory' ? 'Card memory' : direction === 'c2h' ? 'ADC' : 'DAC',
        byteLengthMultiple: direction === 'c2h' && kind === 'stream' ? 64 : 1,
        modes: ['once', 'cyclic'],
        deviceByteLength: null,
        deviceBlockByteLength: 1,
        unavailable: null,
      }
      const peer = kind === 'stream' && direction === 'c2h' && this.#hasAdc ? this.#adc() : {}
      const engine = new XdmaEngine(this.card, channel, base, peer)
      found.push(new XdmaChannel(this.card, engine, (reason) => this.#reset(reason)))
    }
    return found
  }

  #adc(): StreamPeer {
    const setEnable = (on: boolean) => {
      const control = this.#readUser(adc.control)
      this.#writeUser(adc.control, on ? control | adcEnable : control & ~adcEnable)
    }
    return {
      // A rising edge starts the source at its first sample.
      open: () => {
        setEnable(false)
        setEnable(true)
      },
      close: () => setEnable(false),
      dropped: () => this.#readUser(adc.dropped),
    }
  }

  /** Until the engines are idle they must not reach memory: it may be somebody else's by now. */
  async #bringToIdle(): Promise<void> {
    this.card.setBusMaster(false)
    this.#quieten()
    if (this.#busyChannel() && this.card.canReset) {
      await this.card.reset()
      this.#quieten()
    }
    const stuck = this.#busyChannel()
    if (stuck) throw notIdle(`${stuck.engine.channel.id} does not stop. Power-cycle the board.`)
    this.card.setBusMaster(true)
  }

  #busyChannel(): XdmaChannel | undefined {
    return this.#channels.find(({ engine }) => engine.read(channelRegister.status) & busy)
  }

  #quieten(): void {
    this.#writeDma(irqRegister.channelEnableClear, 0xffff_ffff)
    this.#writeDma(irqRegister.userEnableClear, 0xffff_ffff)
    for (const { engine } of this.#channels) {
      engine.peer.close?.()
      engine.write(channelRegister.controlClear, nonIncrementMode | run)
      engine.read(channelRegister.statusReadClear)
      engine.write(channelRegister.interruptEnable, logAll)
    }
  }

  /** Channel i, H2C first, has vector i. */
  #enableInterrupts(): void {
    this.#channels.forEach((channel, vector) => {
      this.#disarm.get(vector)?.()
      this.#disarm.set(
        vector,
        this.card.onInterrupt(vector, () => this.card.isOpen && channel.service()),
      )
    })
    for (let first = 0; first < this.#channels.length; first += 4) {
      const fields = [0, 1, 2, 3].map((index) => (first + index) << (8 * index))
      this.#writeDma(
        irqRegister.channelVector + first,
        fields.reduce((word, bits) => word | bits, 0),
      )
    }
    this.#writeDma(irqRegister.channelEnableSet, 2 ** this.#channels.length - 1)
  }

  readonly #disarm = new Map<number, () => void>()

  /** Of a board that does not answer: what it last delivered, which may still lie in locked memory. */
  sampleFormat(): BoardDescription['sampleFormat'] {
    if (!this.isLinkLost()) this.#sampleFormat = this.#readSampleFormat()
    return this.#sampleFormat
  }

  #readSampleFormat(): BoardDescription['sampleFormat'] {
    const source = this.#channels.find(({ engine }) => engine.channel.name === 'ADC')
    if (!source || !this.#hasAdc) return null
    const shape = this.#readUser(adc.format)
    const channels = shape & 0xff
    const bits = (shape >> 8) & 0xff
    const format = formatName(bits, shape)
    if (!format) return null
    const stride = (channels * bits) / 8
    return {
      channel: source.engine.channel.id,
      format,
      channels,
      stride,
      sampleRate: this.#readUser(adc.rate),
    }
  }

  async start(request: TransferStart): Promise<DriverTransfer> {
    const channel = this.#channels.find(({ engine }) => engine.channel.id === request.channel)
    if (!channel) throw unknownChannel(request.channel)
    checkBusMaster(this.card)
    checkStart(channel.engine.channel, request)
    return channel.start(request)
  }

  async reset(): Promise<void> {
    await this.#reset('The board was reset.')
  }

  isLinkLost(): boolean {
    return !isXdma(this.#readDma(irqRegister.identifier))
  }

  async #reset(reason: string): Promise<void> {
    this.card.setBusMaster(false)
    for (const channel of this.#channels) channel.boardResets()
    try {
      if (this.card.canReset) await this.card.reset()
    } finally {
      // With bus mastering off no engine reaches memory, whatever became of the reset.
      const error = this.isLinkLost() ? linkLost() : boardFault(reason)
      for (const channel of this.#channels) channel.boardWasReset(error)
    }
    if (this.isLinkLost()) return
    await this.#bringToIdle()
    this.#enableInterrupts()
  }

  async healthCheck() {
    const identifier = this.#readDma(irqRegister.identifier)
    if (identifier === allOnes) return { ok: false, detail: 'The board does not answer.' }
    if (!isXdma(identifier)) return { ok: false, detail: `Unknown identifier ${hex(identifier)}.` }
    const stuck = this.#channels.find(
      ({ isBusy, engine }) => !isBusy && engine.read(channelRegister.status) & busy,
    )
    if (!this.card.busMaster) return { ok: false, detail: busMasterOff }
    if (stuck)
      return { ok: false, detail: `${stuck.engine.channel.id} is busy although nothing runs.` }
    return { ok: true, detail: 'Registers answer and idle engines are idle.' }
  }

  #readDma(offset: number): number {
    return this.card.readRegister({ barIndex: dmaBar, offset, width: 32 })
  }

  #writeDma(offset: number, value: number): void {
    this.card.writeRegister({ barIndex: dmaBar, offset, width: 32 }, value >>> 0)
  }

  #readUser(offset: number): number {
    return this.card.readRegister({ barIndex: userBar, offset, width: 32 })
  }

  #writeUser(offset: number, value: number): void {
    this.card.writeRegister({ barIndex: userBar, offset, width: 32 }, value >>> 0)
  }
}

function formatName(bits: number, shape: number): string | null {
  if (shape & adcShape.float) return bits === 32 ? 'f32le' : bits === 64 ? 'f64le' : null
  const swapped = (shape & adcShape.swappedSign) !== 0
  if (bits === 8) return swapped ? 'i8' : 'u8'
  return bits === 16 || bits === 32 ? `${swapped ? 'u' : 'i'}${bits}le` : null
}

const hex = (value: number) => `0x${value.toString(16).padStart(8, '0')}`
