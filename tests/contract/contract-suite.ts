// All that every bus keeps to.

import { describe } from 'vitest'
import { attachSuite } from './attach-suite.ts'
import type { Bus } from './bus.ts'
import { cleanupSuite } from './cleanup-suite.ts'
import { endSuite } from './end-suite.ts'
import { lockSuite } from './lock-suite.ts'
import { optionsSuite } from './options-suite.ts'
import { pageListSuite } from './page-list-suite.ts'
import { registerSuite } from './register-suite.ts'
import { reportSuite } from './report-suite.ts'
import { transactionSuite } from './transaction-suite.ts'

export function contractSuite(bus: Bus): void {
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
  })
}
