// The device host of this very process.

import type { IommuFault } from '../../native/index.ts'
import type { Clock } from '../clock.ts'
import type { Health, RegisterOperation } from '../contract/board.ts'
import { PinlabError } from '../errors.ts'
import type { BoardConfig } from '../lab-config.ts'
import { BoardSlots } from './board-slots.ts'
import { boardUses } from './board-uses.ts'
import type {
  ByteSpan,
  DeviceHost,
  HostBoard,
  HostEvent,
  HostLock,
  HostLockRequest,
  HostSearchRequest,
  HostTransferRequest,
  HostViewRequest,
  LeaseGrant,
  PatternFill,
  StopReport,
} from './device-host.ts'
import { examine } from './doctor/examine.ts'
import type { HeldLock } from './held-lock.ts'
import { coded } from './host-errors.ts'
import { HostLocks } from './host-locks.ts'
import { compare, fill, invert } from './host-patterns.ts'
import { operateRegisters } from './host-registers.ts'
import { HostSearch } from './host-search.ts'
import { HostStopping, report } from './host-stopping.ts'
import { HostTransfers, progressPeriodMs } from './host-transfers.ts'
import { HostViews } from './host-views.ts'
import { HostZeroing } from './host-zeroing.ts'
import type { OpenBoard } from './open-board.ts'
import { removeBoard } from './removal.ts'

const deadlinePeriodMs = 1000

export class LocalDeviceHost implements DeviceHost {
  readonly #listeners = new Set<(event: HostEvent) => void>()
  readonly #locks = new HostLocks()
  readonly #views = new HostViews(this.#locks)
  readonly #search = new HostSearch(this.#locks)
  readonly #transfers: HostTransfers
  readonly #stopping: HostStopping
  readonly #zeroing: HostZeroing
  readonly #stopTimers: (() => void)[]

  private constructor(
    private readonly slots: BoardSlots,
    private readonly clock: Clock,
  ) {
    this.#transfers = new HostTransfers(clock, (event) => this.#tell(event))
    this.#stopping = new HostStopping(slots, this.#locks, this.#transfers)
    this.#zeroing = new HostZeroing(slots, (board) => this.#stopping.reset(board))
    for (const board of slots.openBoards) this.#listen(board)
    this.#stopTimers = [
      clock.every(progressPeriodMs, () => this.#transfers.tellProgress()),
      clock.every(deadlinePeriodMs, () => this.#enforceDeadlines()),
    ]
  }

  /** Opens every board. One that cannot be opened is offline and says why; the others work. */
  static async open(configs: BoardConfig[], clock: Clock): Promise<LocalDeviceHost> {
    return new LocalDeviceHost(await BoardSlots.open(configs, clock), clock)
  }

  async boards(): Promise<HostBoard[]> {
    return this.slots.list()
  }

  async examine(asked: Parameters<DeviceHost['examine']>[0]) {
    const uses = await boardUses(this.slots)
    return examine({ ...asked, boards: this.slots.configs, uses })
  }

  async renew(board: string, grant: LeaseGrant): Promise<void> {
    this.slots.find(board)?.guard.check(grant)
  }

  async withdraw(board: string, leaseId: string): Promise<void> {
    this.slots.find(board)?.guard.withdraw(leaseId)
  }

  async lock(request: HostLockRequest): Promise<HostLock> {
    const board = this.slots.require(request.board)
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

  search(lockId: string, request: HostSearchRequest) {
    return this.#search.search(lockId, request)
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

  async fill(grant: LeaseGrant, lockId: string, wanted: PatternFill): Promise<void> {
    await fill(this.#held(grant, lockId), wanted)
  }

  async invert(grant: LeaseGrant, lockId: string, span: ByteSpan): Promise<void> {
    await invert(this.#held(grant, lockId), span)
  }

  async compare(lockId: string, wanted: PatternFill) {
    return compare(this.#locks.require(lockId), wanted)
  }

  async operateRegisters(board: string, grant: LeaseGrant, operations: RegisterOperation[]) {
    const open = this.slots.require(board)
    const checkLease = () => open.guard.check(grant)
    checkLease()
    try {
      return await operateRegisters(open, operations, checkLease)
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

  async closeView(viewId: number): Promise<{ overrun: boolean }> {
    return this.#views.close(viewId)
  }

  stopBoard(board: string): Promise<StopReport> {
    return this.#stopping.stop(board)
  }

  resetBoard(board: string): Promise<StopReport> {
    return this.#stopping.reset(board)
  }

  unlockBoard(board: string): Promise<StopReport> {
    return this.#stopping.unlock(board)
  }

  zeroBoard(board: string): Promise<StopReport> {
    return this.#zeroing.zero(board)
  }

  async reopenBoard(board: string): Promise<StopReport> {
    return report('The board was opened anew.', async () => {
      await this.#close(board)
      this.#listen(await this.slots.reopen(board))
    })
  }

  async checkBoard(board: string): Promise<Health> {
    const health = await this.slots.require(board).driver.healthCheck()
    return { ...health, checkedAt: new Date(this.clock.now()).toISOString() }
  }

  subscribe(listener: (event: HostEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    for (const stop of this.#stopTimers) stop()
    for (const id of this.slots.ids) await this.#close(id)
  }

  /** Its locks end with the card, so what is left of them here is only memory. */
  async #close(id: string): Promise<void> {
    const board = this.slots.find(id)
    if (!board) return
    this.slots.fail(id, { reason: 'It was closed.', quarantine: false })
    await board.card.close()
    this.#locks.forget(id)
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
    for (const { id, guard } of this.slots.openBoards) {
      const expired = guard.takeExpired()
      if (!expired) continue
      await this.stopBoard(id)
      this.#tell({ type: 'deadline', board: id, leaseId: expired.leaseId })
    }
  }

  #listen(board: OpenBoard): void {
    board.card.onFault((fault) => this.#hearFault(board.id, fault))
    board.card.onRemoval(() => void this.#remove(board))
  }

  #hearFault(board: string, fault: IommuFault): void {
    const { address, direction, channel, reason, count, nearestHandle } = fault
    this.#transfers.addRefusedAccesses(board, channel, count)
    const who = channel || 'The board'
    const what = direction === 'toDevice' ? 'read' : 'write'
    const why = reason === 'unmapped' ? 'is not locked' : 'is not locked for this direction'
    // The address is told apart from it: not everybody who reads of a fault may know it.
    const nearestLockId = this.#locks.idOf(nearestHandle)
    this.#tell({
      type: 'fault',
      kind: 'iommu',
      board,
      ...(channel ? { channel } : {}),
      ...(nearestLockId ? { nearestLockId } : {}),
      count,
      address: `0x${address.toString(16)}`,
      detail: `${who} tried to ${what} memory that ${why}.`,
    })
  }

  async #remove(board: OpenBoard): Promise<void> {
    const detail = await removeBoard(board, this.slots, this.#locks, this.#transfers)
    if (detail) this.#tell({ type: 'fault', kind: 'removed', board: board.id, detail })
  }

  #tell(event: HostEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}
