import { contractSuite } from './contract-suite.ts'
import { simulatedBus } from './simulated-bus.ts'

for (const bus of [simulatedBus(0), simulatedBus(4)]) contractSuite(bus)
