import { describe } from 'vitest'
import { contractSuite } from './contract-suite.ts'
import { interleavingSuite } from './interleaving-suite.ts'
import { simulatedBus } from './simulated-bus.ts'

for (const bus of [simulatedBus(0), simulatedBus(4)]) {
  contractSuite(bus)
  describe(bus.name, () => interleavingSuite(bus, { granule: 1, moveByteLength: 64 * 1024 }))
}
