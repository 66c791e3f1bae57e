// QEMU's edu device for the contract suite: its one DMA engine by its registers, without the driver (docs/specs/edu.rst of QEMU 7.2).

import type { Card } from '../../native/index.ts'

/** The buffer as the DMA engine addresses it; QEMU aborts when a DMA reaches the last of its 4,096 bytes. */
const bufferAddress = 0x4_0000
export const bufferByteLength = 4095
export const addressWidth = 28

const run = 0x1
const toHost = 0x2

export interface EduDma {
  direction: 'toDevice' | 'fromDevice'
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
    const fromDevice = direction === 'fromDevice'
    this.write(0x80, fromDevice ? buffer : hostAddress)
    this.write(0x88, fromDevice ? hostAddress : buffer)
    this.write(0x90, byteLength)
    this.write(0x98, fromDevice ? run | toHost : run)
  }

  isRunning(): boolean {
    return (this.card.readRegister({ barIndex: 0, offset: 0x98, width: 32 }) & run) !== 0
  }

  private write(offset: number, value: number): void {
    this.card.writeRegister({ barIndex: 0, offset, width: 32 }, value)
  }
}
