// Driver for NVMe disks (class 01 08 02): reads blocks of namespace 1 into a lock, and writes them where the board's configuration lets
// it. It is tried on the model of QEMU 7.2.

import type { Card } from '../../native/index.ts'
import type { BoardDescription, Channel } from '../contract/board.ts'
import type {
  BoardDriver,
  DriverSettings,
  DriverTransfer,
  Remains,
  TransferOutcome,
  TransferStart,
} from './board-driver.ts'
import { boardFault, busy, linkLost, notThisKind, unknownChannel } from './driver-errors.ts'
import { NvmeController } from './nvme-controller.ts'
import { nvmeRegisterMap, status } from './nvme-registers.ts'
import { type NvmeLimits, planCommands, readOnlyReason } from './nvme-rules.ts'
import { NvmeRun } from './nvme-run.ts'
import { allOnes } from './register-map.ts'
import { busMasterOff, checkBusMaster } from './start-rules.ts'

/** Mass storage, non-volatile memory, NVM Express, as configuration space has them above the revision. */
const nvmeClass = 0x01_0802

export class NvmeDriver implements BoardDriver {
  readonly registers = nvmeRegisterMap
  readonly #controller: NvmeController
  readonly #runs = new Map<string, NvmeRun>()
  #channels: Channel[] = []
  #limits: NvmeLimits | undefined

  constructor(
    private readonly card: Card,
    private readonly settings: DriverSettings,
  ) {
    this.#controller = new NvmeController(card, () => this.#controller.service())
  }

  get channels(): readonly Channel[] {
    return this.#channels
  }

  /** Blocks are what the disk is there to keep. */
  get remains(): Remains {
    if (!this.settings.writable) return { kind: 'nothing' }
    return { kind: 'kept', why: 'The blocks of a disk are not cleared: they may be meant to stay.' }
  }

  async identify(): Promise<NonNullable<BoardDescription['identity']>> {
    const found = this.card.readConfig({ offset: 8, width: 32 }) >>> 8
    if (found !== nvmeClass) {
      throw notThisKind(`The device's class is ${hex(found)}, not NVMe's (${hex(nvmeClass)}).`)
    }
    const { controller, namespace } = await this.#controller.bringUp()
    const { blockCount, blockByteLength, metadataByteLength } = namespace
    if (blockCount === 0 || metadataByteLength > 0) {
      await this.#controller.bringToIdle()
      throw notThisKind(
        'The controller has no namespace 1, or one with metadata beside its blocks.',
      )
    }
    const { writable } = this.settings
    const { maxTransferByteLength, takesScatterGather } = controller
    this.#limits = {
      writable,
      blockCount,
      blockByteLength,
      maxTransferByteLength,
      takesScatterGather,
    }
    this.#channels = [
      channel('h2c', this.#limits, writable ? null : readOnlyReason),
      channel('c2h', this.#limits, null),
    ]
    return {
      model: `${controller.model}, ${blockCount} blocks of ${blockByteLength} bytes`,
      version: controller.firmware,
      buildId: controller.serial,
    }
  }

  sampleFormat(): null {
    return null
  }

  async start(request: TransferStart): Promise<DriverTransfer> {
    const wanted = this.#channels.find(({ id }) => id === request.channel)
    if (!wanted || !this.#limits) throw unknownChannel(request.channel)
    const commands = planCommands(wanted, request, this.#limits)
    checkBusMaster(this.card)
    if (this.#runs.has(wanted.id)) throw busy(wanted.id)
    // A board that does not come back keeps bus mastering off, and its health check says so.
    const resetBoard = (fault: TransferOutcome['fault']) => this.#reset(fault).catch(() => {})
    const run = new NvmeRun(this.#controller, request, commands, resetBoard)
    const forget = () => this.#runs.delete(wanted.id)
    this.#runs.set(wanted.id, run)
    void run.ended.then(forget)
    try {
      await run.begin()
    } catch (error) {
      forget()
      run.abandon()
      throw error
    }
    return run
  }

  isLinkLost(): boolean {
    return this.#controller.registers.read('version') === allOnes
  }

  reset(): Promise<void> {
    return this.#reset()
  }

  /** Bus mastering is off before the runs end, and their memory is given back. */
  async #reset(fault?: TransferOutcome['fault']): Promise<void> {
    this.card.setBusMaster(false)
    const lost = this.isLinkLost()
    const error = lost ? linkLost() : boardFault(fault?.detail ?? 'The board was reset.')
    for (const run of this.#runs.values()) run.boardWasReset(error, fault)
    if (!lost) await this.#controller.bringUp()
  }

  async healthCheck() {
    if (this.isLinkLost()) return { ok: false, detail: 'The board does not answer.' }
    if (!this.card.busMaster) return { ok: false, detail: busMasterOff }
    const seen = this.#controller.registers.read('status')
    if (seen & status.fatal) return { ok: false, detail: 'The controller gave up (CSTS.CFS).' }
    if ((seen & status.ready) === 0) return { ok: false, detail: 'The controller is not ready.' }
    return { ok: true, detail: 'The controller answers and is ready.' }
  }
}

function channel(
  direction: Channel['direction'],
  { blockCount, blockByteLength }: NvmeLimits,
  unavailable: string | null,
): Channel {
  return {
    id: `${direction}0`,
    direction,
    kind: 'memory',
    name: 'Namespace 1',
    byteLengthMultiple: blockByteLength,
    modes: ['once'],
    deviceByteLength: blockCount * blockByteLength,
    deviceBlockByteLength: blockByteLength,
    unavailable,
  }
}

const hex = (value: number) => `0x${value.toString(16).padStart(6, '0')}`
