// The device host of this very process.

import { fillPattern } from '../../native/index.ts'
import type { Clock } from '../clock.ts'
import type { BoardConfig } from '../config.ts'
import type { Health, RegisterOperation } from '../contract/board.ts'
import { PinlabError } from '../errors.ts'
import type {
  DeviceHost,
  HostBoard,
  HostEvent,
  HostLock,
  HostLockRequest,
  HostTransferRequest,
  HostViewRequest,
  LeaseGrant,
  StopReport,
} from './device-host.ts'
import type { HeldLock } from './held-lock.ts'
import { coded } from './host-errors.ts'
import { HostLocks } from './host-locks.ts'
import { operateRegisters } from './host-registers.ts'
import { HostTransfers, progressPeriodMs } from './host-transfers.ts'
import { HostViews } from './host-views.ts'
import { describeClosed, OpenBoard } from './open-board.ts'

const deadlinePeriodMs = 1000

type BoardSlot =
  | { config: BoardConfig; board: OpenBoard }
  | { config: BoardConfig; failure: string }

export class LocalDeviceHost implements DeviceHost {
  readonly #listeners = new Set<(event: HostEvent) => void>()
  readonly #locks = new HostLocks()
  readonly #views = new HostViews(this.#locks)
  readonly #transfers: HostTransfers
  readonly #stopTimers: (() => void)[]

  private constructor(
    private readonly slots: Map<string, BoardSlot>,
    private readonly clock: Clock,
  ) {
    this.#transfers = new HostTransfers(clock, (event) => this.#tell(event))
    for (const slot of slots.values()) if ('board' in slot) this.#listenForFaults(slot.board)
    this.#stopTimers = [
      clock.every(progressPeriodMs, () => this.#transfers.tellProgress()),
      clock.every(deadlinePeriodMs, () => this.#enforceDeadlines()),
    ]
  }

  /** Opens every board. One that cannot be opened is offline and says why; the others work. */
  static async open(configs: BoardConfig[], clock: Clock): Promise<LocalDeviceHost> {
    const slots = new Map<string, BoardSlot>()
    for (const config of configs) slots.set(config.id, await openSlot(config, clock))
    return new LocalDeviceHost(slots, clock)
  }

  async boards(): Promise<HostBoard[]> {
    return [...this.slots.values()].map((slot) =>
      'board' in slot
        ? { description: slot.board.describe(), failure: null }
        : { description: describeClosed(slot.config), failure: slot.failure },
    )
  }

  async withdraw(board: string, leaseId: string): Promise<void> {
    this.#board(board).guard.withdraw(leaseId)
  }

  async lock(request: HostLockRequest): Promise<HostLock> {
    const board = this.#board(request.board)
    board.guard.check(request.grant)
    return this.#locks.lock(board, request)
  }

  unlock(lockId: string): Promise<void> {
    return this.#locks.unlock(lockId)
  }

  async sync(lockId: string, target: 'device' | 'cpu'): Promise<void> {
    const { lock } = this.#locks.require(lockId)
    await coded(() => (target === 'device' ? lock.syncForDevice() : lock.syncForCpu()))
  }

  async startTransfer(request: HostTransferRequest) {
    const held = this.#held(request.grant, request.lockId)
    this.#requireLink(held.board)
    return this.#transfers.start(held, request)
  }

  async stopTransfer(lockId: string, n: number) {
    return this.#transfers.stop(this.#locks.require(lockId), n)
  }

  async transferProgress(lockId: string, n: number) {
    return this.#transfers.progress(this.#locks.require(lockId), n)
  }

  async readBytes(
    lockId: string,
    range: { offset: number; byteLength: number },
  ): Promise<Uint8Array> {
    const { lock } = this.#locks.require(lockId)
    return lock.userBytes.slice(range.offset, range.offset + range.byteLength)
  }

  async writeBytes(
    grant: LeaseGrant,
    lockId: string,
    offset: number,
    bytes: Uint8Array,
  ): Promise<void> {
    const { lock } = this.#held(grant, lockId)
    lock.userBytes.set(bytes, offset)
  }

  async fill(
    grant: LeaseGrant,
    lockId: string,
    { pattern, seed, offset, byteLength }: Parameters<DeviceHost['fill']>[2],
  ): Promise<void> {
    const { lock } = this.#held(grant, lockId)
    const hold = lock.hold('fill')
    try {
      await coded(() =>
        fillPattern(lock.userBytes.subarray(offset, offset + byteLength), pattern, seed),
      )
    } finally {
      hold.release()
    }
  }

  async operateRegisters(board: string, grant: LeaseGrant, operations: RegisterOperation[]) {
    const open = this.#board(board)
    open.guard.check(grant)
    try {
      return await operateRegisters(open, operations)
    } finally {
      // What was read, or could not be read in time, was no register's value.
      this.#requireLink(open)
    }
  }

  async openView(request: HostViewRequest) {
    return this.#views.open(request)
  }

  async readView(viewId: number, headroom: number) {
    return this.#views.read(viewId, headroom)
  }

  async closeView(viewId: number): Promise<void> {
    this.#views.close(viewId)
  }

  async stopBoard(board: string): Promise<StopReport> {
    return report('Engines are idle.', async () => {
      await this.#locks.settle(board)
      await this.#transfers.stopBoard(board)
    })
  }

  async resetBoard(board: string): Promise<StopReport> {
    return report('The board was reset.', () => this.#board(board).driver.reset())
  }

  async unlockBoard(board: string): Promise<StopReport> {
    return report('Nothing is locked.', async () => {
      await this.#locks.settle(board)
      for (const { lockId } of this.#locks.ofBoard(board)) await this.#locks.unlock(lockId)
    })
  }

  async reopenBoard(board: string): Promise<StopReport> {
    return report('The board was opened anew.', async () => {
      const { config } = this.#slot(board)
      await this.#close(board)
      const slot = await openSlot(config, this.clock)
      this.slots.set(board, slot)
      if ('failure' in slot) throw new PinlabError('PINLAB_BOARD_NOT_READY', slot.failure)
      this.#listenForFaults(slot.board)
    })
  }

  async checkBoard(board: string): Promise<Health> {
    const health = await this.#board(board).driver.healthCheck()
    return { ...health, checkedAt: new Date(this.clock.now()).toISOString() }
  }

  subscribe(listener: (event: HostEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    for (const stop of this.#stopTimers) stop()
    for (const id of this.slots.keys()) await this.#close(id)
  }

  /** Its locks end with the card, so what is left of them here is only memory. */
  async #close(id: string): Promise<void> {
    const slot = this.#slot(id)
    if (!('board' in slot)) return
    await slot.board.card.close()
    this.#locks.forget(id)
  }

  #slot(id: string): BoardSlot {
    const slot = this.slots.get(id)
    if (slot) return slot
    throw new PinlabError('PINLAB_BOARD_UNKNOWN', `There is no board ${id}.`)
  }

  #board(id: string): OpenBoard {
    const slot = this.#slot(id)
    if ('board' in slot) return slot.board
    throw new PinlabError('PINLAB_BOARD_NOT_READY', `${id} is offline: ${slot.failure}`)
  }

  /** Refuses, and tells of, a board that does not answer. */
  #requireLink({ id, driver }: OpenBoard): void {
    if (!driver.isLinkLost()) return
    const detail = 'The board does not answer: every register reads all ones.'
    this.#tell({ type: 'fault', board: id, kind: 'linkLost', detail })
    throw new PinlabError('PINLAB_BOARD_LINK_LOST', detail, { wdStatus: 'WD_OPERATION_FAILED' })
  }

  #held(grant: LeaseGrant, lockId: string): HeldLock {
    const held = this.#locks.require(lockId)
    held.board.guard.check(grant)
    return held
  }

  async #enforceDeadlines(): Promise<void> {
    for (const slot of this.slots.values()) {
      if (!('board' in slot)) continue
      const expired = slot.board.guard.takeExpired()
      if (!expired) continue
      await this.stopBoard(slot.config.id)
      this.#tell({ type: 'deadline', board: slot.config.id, leaseId: expired.leaseId })
    }
  }

  #listenForFaults({ id, card }: OpenBoard): void {
    card.onFault(({ address, direction, channel, reason, count, nearestHandle }) => {
      this.#transfers.addRefusedAccesses(id, channel, count)
      const what = direction === 'toDevice' ? 'read' : 'write'
      const why = reason === 'unmapped' ? 'is not locked' : 'is not locked for this direction'
      const nearestLockId = this.#locks.idOf(nearestHandle)
      this.#tell({
        type: 'fault',
        kind: 'iommu',
        ...(nearestLockId ? { nearestLockId } : {}),
        board: id,
        channel,
        count,
        address: `0x${address.toString(16)}`,
        detail: `${channel} tried to ${what} 0x${address.toString(16)}, which ${why}.`,
      })
    })
  }

  #tell(event: HostEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}

async function openSlot(config: BoardConfig, clock: Clock): Promise<BoardSlot> {
  try {
    return { config, board: await OpenBoard.open(config, clock) }
  } catch (error) {
    return { config, failure: (error as Error).message }
  }
}

async function report(detail: string, work: () => Promise<void>): Promise<StopReport> {
  try {
    await coded(work)
    return { ok: true, detail }
  } catch (error) {
    return { ok: false, detail: (error as Error).message }
  }
}
