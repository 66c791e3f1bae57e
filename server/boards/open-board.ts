// One board of the lab on this host: its card, its driver, and what became of opening them.

import { type Card, type CardConfig, openCard } from '../../native/index.ts'
import type { Clock } from '../clock.ts'
import type { BoardDescription } from '../contract/board.ts'
import type { BoardDriver, DriverKind, DriverSettings } from '../drivers/board-driver.ts'
import { drivers } from '../drivers/registry.ts'
import { PinlabError } from '../errors.ts'
import type { BoardConfig } from '../lab-config.ts'
import { LeaseGuard } from './lease-guard.ts'

const MiB = 1024 * 1024

export class OpenBoard {
  readonly guard: LeaseGuard

  private constructor(
    readonly config: BoardConfig,
    readonly card: Card,
    readonly driver: BoardDriver,
    private readonly identity: BoardDescription['identity'],
    clock: Clock,
  ) {
    this.guard = new LeaseGuard(config.id, clock)
  }

  get id(): string {
    return this.config.id
  }

  /** Rejects with what the card or the driver said. */
  static async open(config: BoardConfig, clock: Clock): Promise<OpenBoard> {
    const kind = drivers[config.driver]
    if (!kind) {
      const known = Object.keys(drivers).join(', ')
      throw new PinlabError(
        'PINLAB_START_BOARD',
        `There is no driver ${config.driver}. Known: ${known}.`,
      )
    }
    const card = await openCard(cardConfig(config, kind))
    try {
      const driver = kind.create(card, driverSettings(config))
      return new OpenBoard(config, card, driver, await driver.identify(), clock)
    } catch (error) {
      await card.close()
      throw error
    }
  }

  describe(): BoardDescription {
    return {
      ...describeClosed(this.config),
      identity: this.identity,
      channels: [...this.driver.channels],
      registers: [...this.driver.registers],
      addressWidth: this.card.addressWidth,
      sampleFormat: this.driver.sampleFormat(),
    }
  }
}

/** What is known of a board that could not be opened. */
export function describeClosed(config: BoardConfig): BoardDescription {
  const { id, name, tags, bus, driver } = config
  return {
    id,
    name,
    tags,
    bus,
    address: config.bus === 'vfio' ? config.address : null,
    driver,
    identity: null,
    channels: [],
    registers: [],
    addressWidth: 0,
    sampleFormat: null,
  }
}

function driverSettings(board: BoardConfig): DriverSettings {
  if (board.bus === 'vfio') return { writable: board.writable }
  return { writable: false, memoryByteLength: board.config.memoryMiB * MiB }
}

function cardConfig(board: BoardConfig, { addressWidth }: DriverKind): CardConfig {
  if (board.bus === 'vfio') {
    const { bus, address, config } = board
    return { bus, address, addressWidth, fragmentation: config.fragmentation }
  }
  const { bus, config } = board
  const { h2c, c2h, memoryMiB, fragmentation, recording, recordingFormat, faults } = config
  return {
    bus,
    h2c,
    c2h,
    memoryByteLength: memoryMiB * MiB,
    fragmentation,
    ...(recording ? { recording } : {}),
    ...(recordingFormat ? { recordingFormat } : {}),
    faults: faults ?? [],
  }
}
