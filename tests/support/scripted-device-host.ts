// A DeviceHost of which only the views work; what they show is set by the test.

import type { DeviceHost, HostViewFrame, HostViewRequest } from '../../server/boards/device-host.ts'

const unscripted = (): never => {
  throw new Error('this call is not scripted')
}

export class ScriptedDeviceHost implements DeviceHost {
  /** What each lock holds; a lock that is not here is gone. */
  readonly locks = new Map<string, Uint8Array>()
  readonly opened: HostViewRequest[] = []
  readonly closed: number[] = []
  reads = 0
  sampleRate: number | undefined
  torn = false
  /** While set, no trigger is found. */
  waiting = false
  triggerAhead: number | null = null
  /** Reported by the next read only, or at the end. */
  overrun = false
  /** While set, reads wait for it. */
  gate: Promise<void> | null = null
  failure: Error | null = null
  /** The lock that cannot be read any more, though it is there. */
  broken: string | null = null
  now: () => number = () => 0

  async openView(request: HostViewRequest): Promise<{ viewId: number; sampleRate?: number }> {
    await this.gate
    if (this.failure) throw this.failure
    const viewId = this.opened.push(request)
    return this.sampleRate === undefined ? { viewId } : { viewId, sampleRate: this.sampleRate }
  }

  async readView(viewId: number, headroom: number): Promise<HostViewFrame | 'waiting' | null> {
    this.reads += 1
    await this.gate
    if (this.failure) throw this.failure
    const request = this.opened[viewId - 1]
    if (request && request.lockId === this.broken) throw new Error('broken')
    const lock = request && this.locks.get(request.lockId)
    if (!lock) return null
    if (this.waiting) return 'waiting'
    const { offset, byteLength } = request
    const payload =
      request.kind === 'bytes'
        ? lock.subarray(offset, offset + byteLength)
        : new Uint8Array(request.channels * request.columns * 16).fill(lock[offset] ?? 0)
    const bytes = new Uint8Array(headroom + payload.byteLength)
    bytes.set(payload, headroom)
    const overrun = this.overrun
    this.overrun = false
    const capturedAt = this.now()
    const { torn, triggerAhead } = this
    return { bytes, capturedAt, offset, byteLength, torn, overrun, triggerAhead, bytesCompleted: 0 }
  }

  async closeView(viewId: number): Promise<{ overrun: boolean }> {
    this.closed.push(viewId)
    return { overrun: this.overrun }
  }

  boards = unscripted
  examine = unscripted
  renew = unscripted
  withdraw = unscripted
  lock = unscripted
  unlock = unscripted
  sync = unscripted
  startTransfer = unscripted
  stopTransfer = unscripted
  transferProgress = unscripted
  readBytes = unscripted
  search = unscripted
  writeBytes = unscripted
  fill = unscripted
  invert = unscripted
  compare = unscripted
  operateRegisters = unscripted
  stopBoard = unscripted
  resetBoard = unscripted
  unlockBoard = unscripted
  zeroBoard = unscripted
  reopenBoard = unscripted
  checkBoard = unscripted
  subscribe = unscripted
  close = unscripted
}
