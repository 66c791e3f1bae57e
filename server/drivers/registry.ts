// Every kind of board that Pinlab can drive, by the name that pinlab.yaml uses.

import type { DriverKind } from './board-driver.ts'
import { EduDriver } from './edu.ts'
import { eduAddressWidth } from './edu-registers.ts'
import { XdmaDriver } from './xdma.ts'

export const drivers: Record<string, DriverKind> = {
  edu: { create: (card) => new EduDriver(card), addressWidth: eduAddressWidth },
  xdma: { create: (card) => new XdmaDriver(card), addressWidth: 64 },
}
