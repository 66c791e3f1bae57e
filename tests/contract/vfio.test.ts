// The contract on a real device: the edu of the guest that tests/hardware boots. Elsewhere there is none, and it is skipped.

import { describe, test } from 'vitest'
import { contractSuite } from './contract-suite.ts'
import { vfioBus } from './vfio-bus.ts'

const address = process.env.PINLAB_TEST_EDU

if (address) contractSuite(vfioBus(address))
else describe.skip('vfio', () => test('needs PINLAB_TEST_EDU, the PCI address of an edu device'))
