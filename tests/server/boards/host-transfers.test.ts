import { expect, it } from 'vitest'
import type { HeldLock } from '../../../server/boards/held-lock.ts'
import { HostTransfers } from '../../../server/boards/host-transfers.ts'
import type { TransferOutcome } from '../../../server/drivers/board-driver.ts'
import { FakeClock } from '../../support/fake-clock.ts'

it('counts accesses that were refused before the end, also when the driver tells of the end first', async () => {
  const outcome: TransferOutcome = {
    state: 'done',
    bytesCompleted: 4096,
    blocksCompleted: 1,
    overruns: 0,
  }
  let end = (_: TransferOutcome) => {}
  const ended = new Promise<TransferOutcome>((resolve) => {
    end = resolve
  })
  const run = { ended, isCountLost: false, progress: () => outcome, stop: () => ended }
  const board = { id: 'sim0', driver: { start: async () => run } }
  const held = { lockId: 'lock', board, transfers: new Map(), latest: null } as unknown as HeldLock
  const told: unknown[] = []
  const transfers = new HostTransfers(new FakeClock(), (event) => told.push(event))
  await transfers.start(held, {
    ...{ grant: { leaseId: '', deadline: 0 }, lockId: 'lock', n: 1, channel: 'c2h0', mode: 'once' },
    ...{ offset: 0, byteLength: 4096 },
  })
  const stopped = transfers.stop(held, 1)
  end(outcome)
  // The driver has settled; what its board was refused is told by an event that is still to be read.
  await Promise.resolve()
  transfers.addRefusedAccesses('sim0', 'c2h0', 3)
  expect(await stopped).toMatchObject({ state: 'done', refusedAccesses: 3 })
  expect(told).toMatchObject([{ type: 'transfer', progress: { refusedAccesses: 3 } }])
})
