// Every kind of board that Pinlab can drive, by the name that pinlab.yaml uses.

import type { DriverKind } from './board-driver.ts'
import { E1000eDriver } from './e1000e.ts'
import { EduDriver } from './edu.ts'
import { addressWidth as eduAddressWidth } from './edu-registers.ts'
import { NvmeDriver } from './nvme.ts'
import { XdmaDriver } from './xdma.ts'

export const drivers: Record<string, DriverKind> = {
  xdma: {
    create: (card, { memoryByteLength }) => new XdmaDriver(card, memoryByteLength),
    addressWidth: 64,
  },
  edu: { create: (card) => new EduDriver(card), addressWidth: eduAddressWidth },
  nvme: { create: (card, settings) => new NvmeDriver(card, settings), addressWidth: 64 },
  e1000e: { create: (card) => new E1000eDriver(card), addressWidth: 64 },
}
