// Every kind of board that Pinlab can drive, by the name that pinlab.yaml uses.

import type { DriverFactory } from './board-driver.ts'
import { XdmaDriver } from './xdma.ts'

export const drivers: Record<string, DriverFactory> = {
  xdma: (card) => new XdmaDriver(card),
}
