// Every kind of board that Pinlab can drive, by the name that pinlab.yaml uses.

import type { DriverKind } from './board-driver.ts'
import { XdmaDriver } from './xdma.ts'

export const drivers: Record<string, DriverKind> = {
  xdma: { create: (card) => new XdmaDriver(card), addressWidth: 64 },
}
