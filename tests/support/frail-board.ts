// Simulated boards that are found unfit when a test wants it.

import { drivers } from '../../server/drivers/registry.ts'
import type { SimulatedBoardConfig } from '../../server/lab-config.ts'
import { smallBoard } from './fair-lab.ts'

export interface FrailBoard {
  config: SimulatedBoardConfig
  /** Its health check fails while it is. */
  isBroken: boolean
}

export function frailBoard(id: string): FrailBoard {
  const kind = drivers.xdma
  if (!kind) throw new Error('there is no driver xdma')
  const board: FrailBoard = {
    config: { ...smallBoard(id), driver: `frail-${id}` },
    isBroken: false,
  }
  drivers[board.config.driver] = {
    ...kind,
    create(card, settings) {
      const driver = kind.create(card, settings)
      const check = driver.healthCheck.bind(driver)
      driver.healthCheck = async () =>
        board.isBroken ? { ok: false, detail: 'It smells burnt.' } : check()
      return driver
    },
  }
  return board
}
