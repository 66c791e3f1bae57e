// The DMA engine of an edu device: one for both directions, and one DMA at a time.

import type { Card } from '../../native/index.ts'
import {
  bufferAddress,
  dmaEnded,
  dmaInterrupt,
  dmaRun,
  dmaToHost,
  eduBar,
  eduRegister,
} from './edu-registers.ts'
import { allOnes } from './register-map.ts'

export interface EduDma {
  direction: 'h2c' | 'c2h'
  hostAddress: number
  /** Bytes from the start of the device's buffer. */
  bufferOffset: number
  byteLength: number
}

export class EduEngine {
  constructor(private readonly card: Card) {}

  /** Only while the engine is idle: it does not listen otherwise. */
  start({ direction, hostAddress, bufferOffset, byteLength }: EduDma): void {
    const buffer = bufferAddress + bufferOffset
    const toHost = direction === 'c2h'
    this.write(eduRegister.dmaSource, toHost ? buffer : hostAddress)
    this.write(eduRegister.dmaDestination, toHost ? hostAddress : buffer)
    this.write(eduRegister.dmaCount, byteLength)
    this.write(eduRegister.dmaCommand, dmaRun | dmaInterrupt | (toHost ? dmaToHost : 0))
  }

  /** Acknowledges the end of a DMA, and says how the engine is now. `lost`: nobody answers. */
  state(): 'idle' | 'running' | 'lost' {
    const status = this.read(eduRegister.interruptStatus)
    if (status === allOnes && this.isLost()) return 'lost'
    if (status & dmaEnded) this.write(eduRegister.interruptAcknowledge, dmaEnded)
    return this.isRunning() ? 'running' : 'idle'
  }

  isRunning(): boolean {
    return (this.read(eduRegister.dmaCommand) & dmaRun) !== 0
  }

  isLost(): boolean {
    return this.read(eduRegister.identification) === allOnes
  }

  read(offset: number): number {
    return this.card.readRegister({ barIndex: eduBar, offset, width: 32 })
  }

  write(offset: number, value: number): void {
    this.card.writeRegister({ barIndex: eduBar, offset, width: 32 }, value)
  }
}
