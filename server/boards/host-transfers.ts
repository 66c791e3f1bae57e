// Transfers that the host runs, and what it tells about them.

import type { Clock } from '../clock.ts'
import type { TransferOutcome } from '../drivers/board-driver.ts'
import { PinlabError } from '../errors.ts'
import type { HostEvent, HostTransferProgress, HostTransferRequest } from './device-host.ts'
import type { HeldLock, RunningTransfer } from './held-lock.ts'
import { coded, codedError } from './host-errors.ts'

/** How often running transfers are told about. */
export const progressPeriodMs = 100

export class HostTransfers {
  readonly #running = new Map<RunningTransfer, HeldLock>()

  constructor(
    private readonly clock: Clock,
    private readonly tell: (event: HostEvent) => void,
  ) {}

  async start(held: HeldLock, request: HostTransferRequest): Promise<HostTransferProgress> {
    const { n, channel, mode, offset, byteLength } = request
    const blockByteLength = request.blockByteLength ?? byteLength
    const driver = await coded(() =>
      held.board.driver.start({
        channel,
        mode,
        lock: held.lock,
        offset,
        byteLength,
        deviceAddress: BigInt(request.deviceAddress ?? 0),
        blockByteLength,
        timeoutMs: request.timeoutMs ?? 0,
      }),
    )
    const transfer: RunningTransfer = {
      n,
      channel,
      ring: mode === 'cyclic' ? { offset, byteLength, blockByteLength } : null,
      driver,
      ended: driver.ended.then((outcome) => this.#endAfterFaults(transfer, held, outcome)),
      progress: {
        state: 'running',
        startedAt: this.clock.now(),
        endedAt: null,
        bytesCompleted: 0,
        blocksCompleted: 0,
        overruns: 0,
        refusedAccesses: 0,
      },
    }
    held.transfers.set(n, transfer)
    held.latest = transfer
    this.#running.set(transfer, held)
    return transfer.progress
  }

  async stop(held: HeldLock, n: number): Promise<HostTransferProgress> {
    const transfer = requireTransfer(held, n)
    await transfer.driver.stop()
    await transfer.ended
    return transfer.progress
  }

  progress(held: HeldLock, n: number): HostTransferProgress {
    const transfer = requireTransfer(held, n)
    this.#refresh(transfer)
    return transfer.progress
  }

  /** Stops all of a board's transfers. */
  async stopBoard(board: string): Promise<void> {
    const stops = [...this.#running]
      .filter(([, held]) => held.board.id === board)
      .map(async ([transfer]) => {
        await transfer.driver.stop()
        await transfer.ended
      })
    await Promise.all(stops)
  }

  /** The board is gone: its transfers have failed, whatever their driver makes of them later. */
  lose(board: string, error: PinlabError): void {
    const { code, message: detail, wdStatus } = error
    for (const [transfer, held] of this.#running) {
      if (held.board.id !== board) continue
      transfer.progress = {
        ...transfer.progress,
        state: 'failed',
        endedAt: this.clock.now(),
        failure: { code, detail, wdStatus },
      }
      this.#running.delete(transfer)
      this.#tellOf(transfer, held)
    }
  }

  /** Accesses of a channel that were refused belong to the transfer that runs on it. */
  addRefusedAccesses(board: string, channel: string, count: number): void {
    for (const [transfer, held] of this.#running) {
      if (held.board.id !== board || transfer.channel !== channel) continue
      transfer.progress = {
        ...transfer.progress,
        refusedAccesses: transfer.progress.refusedAccesses + count,
      }
    }
  }

  /** Tells of every running transfer that has moved since it was told of last. */
  tellProgress(): void {
    for (const [transfer, held] of this.#running) {
      if (this.#refresh(transfer)) this.#tellOf(transfer, held)
    }
  }

  #refresh(transfer: RunningTransfer): boolean {
    if (transfer.progress.state !== 'running') return false
    const now = transfer.driver.progress()
    const before = transfer.progress
    transfer.progress = { ...before, ...now }
    return now.bytesCompleted !== before.bytesCompleted || now.overruns !== before.overruns
  }

  /** A driver may see the end before this loop has heard of the accesses that were refused on the way there. */
  async #endAfterFaults(
    transfer: RunningTransfer,
    held: HeldLock,
    outcome: TransferOutcome,
  ): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    this.#end(transfer, held, outcome)
  }

  #end(transfer: RunningTransfer, held: HeldLock, outcome: TransferOutcome): void {
    if (!this.#running.delete(transfer)) return
    const { startedAt, refusedAccesses } = transfer.progress
    const endedAt = this.clock.now()
    transfer.progress = { ...told(outcome), refusedAccesses, startedAt, endedAt }
    this.#tellOf(transfer, held)
    const { board } = held
    const { channel } = transfer
    if (outcome.fault) this.tell({ type: 'fault', board: board.id, channel, ...outcome.fault })
  }

  #tellOf({ n, progress }: RunningTransfer, { board, lockId }: HeldLock): void {
    this.tell({ type: 'transfer', board: board.id, lockId, n, progress })
  }
}

function told({
  error,
  fault: _,
  ...outcome
}: TransferOutcome): Omit<HostTransferProgress, 'startedAt' | 'endedAt' | 'refusedAccesses'> {
  if (!error) return outcome
  const { code, message, wdStatus } = codedError(error) as PinlabError
  return { ...outcome, failure: { code, detail: message, wdStatus } }
}

function requireTransfer(held: HeldLock, n: number): RunningTransfer {
  const transfer = held.transfers.get(n)
  if (transfer) return transfer
  throw new PinlabError('PINLAB_TRANSFER_UNKNOWN', `This DMA session has no transfer ${n}.`)
}
