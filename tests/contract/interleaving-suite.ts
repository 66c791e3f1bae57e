// Properties: whatever is called in whatever order, the books agree with what can be seen from outside.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hostLimits } from '../../native/index.ts'
import { holds, propertyTimeoutMs, replayed } from '../support/properties.ts'
import type { Bus } from './bus.ts'
import { operations } from './interleavings/operations.ts'
import { type Reach, World } from './interleavings/world.ts'

export function interleavingSuite(bus: Bus, reach: Reach): void {
  describe('interleavings', () => {
    test(
      'of lock, hold, transfer, unlock and close keep the invariants',
      async () => {
        const commands = fc.commands(operations, { maxCommands: 60, size: 'max', ...replayed })
        const property = fc.asyncProperty(commands, async (list) => {
          const before = hostLimits().lockedByteLength
          const world = await World.open(bus, reach)
          try {
            await fc.asyncModelRun(() => ({ model: world, real: world }), list)
          } finally {
            await world.end()
          }
          expect(hostLimits().lockedByteLength, 'VmLck at the end').toBe(before)
        })
        await holds(property, 60)
      },
      propertyTimeoutMs,
    )
  })
}
