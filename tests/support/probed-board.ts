// A simulated digitizer whose card and driver a test can watch and tamper with. Each test file has a registry of its own.

import type { Card } from '../../native/index.ts'
import type { BoardDriver, Remains } from '../../server/drivers/board-driver.ts'
import { drivers } from '../../server/drivers/registry.ts'
import type { SimulatedBoardConfig } from '../../server/lab-config.ts'
import { digitizer } from './test-lab.ts'

export interface Probe {
  config: SimulatedBoardConfig
  /** What was done to the card, in order; since the card was opened. */
  done: string[]
  card: Card
  /** As the system does when it wants the device back. */
  takeAway: () => void
  /** Thrown by the next identify, or by every reset, while it is set. */
  identifyError: Error | null
  resetError: Error | null
  /** What the driver says of its memory from the next opening on; null: the truth. */
  remains: Remains | null
}

export function probedBoard(): Probe {
  const probe: Probe = {
    config: { ...digitizer, driver: 'probed' },
    done: [],
    card: undefined as unknown as Card,
    takeAway: () => {},
    identifyError: null,
    resetError: null,
    remains: null,
  }
  const kind = drivers.xdma
  if (!kind) throw new Error('there is no driver xdma')
  drivers.probed = {
    ...kind,
    create(card, settings) {
      watch(card, probe)
      return tamper(kind.create(card, settings), probe)
    },
  }
  return probe
}

function watch(card: Card, probe: Probe): void {
  const { done } = probe
  done.length = 0
  probe.card = card
  card.onRemoval = (handler) => {
    probe.takeAway = handler
    return () => {}
  }
  const setBusMaster = card.setBusMaster.bind(card)
  card.setBusMaster = (on) => {
    done.push(on ? 'bus master on' : 'bus master off')
    setBusMaster(on)
  }
  const reset = card.reset.bind(card)
  card.reset = () => {
    done.push('reset')
    return reset()
  }
  const lock = card.lockScatterGather.bind(card)
  card.lockScatterGather = async (...asked) => {
    const made = await lock(...asked)
    const unlock = made.unlock.bind(made)
    made.unlock = () => {
      done.push(`unlock with bus master ${card.busMaster ? 'on' : 'off'}`)
      return unlock()
    }
    return made
  }
}

function tamper(driver: BoardDriver, probe: Probe): BoardDriver {
  const identify = driver.identify.bind(driver)
  driver.identify = async () => {
    const error = probe.identifyError
    probe.identifyError = null
    if (error) throw error
    return identify()
  }
  const { remains } = probe
  if (remains) Object.defineProperty(driver, 'remains', { value: remains })
  const reset = driver.reset.bind(driver)
  driver.reset = async () => {
    if (probe.resetError) throw probe.resetError
    await reset()
  }
  return driver
}
