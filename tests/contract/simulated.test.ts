import { describe } from 'vitest'
import { attachSuite } from './attach-suite.ts'
import { cleanupSuite } from './cleanup-suite.ts'
import { endSuite } from './end-suite.ts'
import { interleavingSuite } from './interleaving-suite.ts'
import { lockSuite } from './lock-suite.ts'
import { optionsSuite } from './options-suite.ts'
import { pageListSuite } from './page-list-suite.ts'
import { registerSuite } from './register-suite.ts'
import { reportSuite } from './report-suite.ts'
import { simulatedBus } from './simulated-bus.ts'
import { transactionSuite } from './transaction-suite.ts'

for (const bus of [simulatedBus(0), simulatedBus(4)]) {
  describe(bus.name, () => {
    optionsSuite(bus)
    pageListSuite(bus)
    lockSuite(bus)
    attachSuite(bus)
    registerSuite(bus)
    cleanupSuite(bus)
    reportSuite(bus)
    transactionSuite(bus)
    endSuite(bus)
    interleavingSuite(bus, { granule: 1, moveByteLength: 64 * 1024 })
  })
}
