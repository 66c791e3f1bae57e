// Each status that Pinlab answers, brought about for real: its number, its name, and the function that answers it.

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  allocatePages,
  type DmaLock,
  freePages,
  type TransactionProgress,
} from '../../native/index.ts'
import { dmaOptions } from '../../server/contract/dma-options.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { type Board, openBoard } from './board-fixture.ts'

interface Scene extends Board {
  lock: DmaLock
}
type Refusal = [tag: string, status: number, operation: string, ask: (on: Scene) => unknown]

const refusals: Refusal[] = [
  [
    '[WD_INVALID_HANDLE]',
    0x2000_0001,
    'hold',
    async ({ lock }) => {
      await lock.unlock()
      lock.hold('c2h0')
    },
  ],
  [
    '[WD_INSUFFICIENT_RESOURCES]',
    0x2000_0005,
    'lockScatterGather',
    ({ card }) =>
      card.lockScatterGather(allocatePages(3 * 4096), {
        options: dmaOptions.LARGE_BUFFER | dmaOptions.DISABLE_MERGE_ADJACENT_PAGES,
        maxPages: 2,
      }),
  ],
  [
    '[WD_SYSTEM_INTERNAL_ERROR]',
    0x2000_0007,
    'traceWrites',
    ({ card }) => card.traceWrites(join(temporaryFolder(), 'no', 'folder')),
  ],
  [
    '[WD_NOT_IMPLEMENTED]',
    0x2000_000a,
    'lockContiguous',
    ({ card }) => card.lockContiguous(4096, { options: dmaOptions.RESERVED_MEM }),
  ],
  [
    '[WD_INTERRUPT_NOT_ENABLED]',
    0x2000_000d,
    'wait',
    ({ card }) => {
      const interrupt = card.enableInterrupt(0)
      interrupt.disable()
      return interrupt.wait()
    },
  ],
  [
    '[WD_OPERATION_ALREADY_DONE]',
    0x2000_0011,
    'unlock',
    async ({ lock }) => {
      await lock.unlock()
      await lock.unlock()
    },
  ],
  [
    '[WD_TIME_OUT_EXPIRED]',
    0x2000_0015,
    'wait',
    ({ card }) => card.enableInterrupt(0).wait({ timeoutMs: 1 }),
  ],
  // No processor of ours has 2^50 bytes of user space.
  ['[WD_FAILED_USER_MAPPING]', 0x2000_0017, 'allocatePages', () => allocatePages(2 ** 50)],
  ['[WD_INVALID_PARAMETER]', 0x2000_001b, 'lockContiguous', ({ card }) => card.lockContiguous(0)],
  [
    '[WD_TRY_AGAIN]',
    0x2000_001d,
    'freePages',
    async ({ card }) => {
      const pages = allocatePages(4096)
      await card.lockScatterGather(pages)
      freePages(pages)
    },
  ],
  [
    '[WD_OPERATION_FAILED]',
    0x2000_0020,
    'transferCompleted',
    async ({ card }) => {
      const transaction = await card.openTransaction({ kind: 'contiguous', byteLength: 4096 })
      await transaction.transferCompleted()
    },
  ],
]

describe('a status', () => {
  test.each(refusals)('%s is thrown with number, name and operation', async (tag, ...expected) => {
    const [status, operation, ask] = expected
    const board = await openBoard()
    const scene: Scene = { ...board, lock: await board.contiguous(4096) }
    const statusName = tag.slice(1, -1)
    await expect((async () => ask(scene))()).rejects.toMatchObject({
      name: 'DmaError',
      status,
      statusName,
      operation,
    })
  })

  test('[WD_STATUS_SUCCESS] is not said: what is done resolves', async () => {
    const board = await openBoard()
    const lock = await board.contiguous(4096)
    await expect(lock.unlock()).resolves.toBeUndefined()
  })

  test('[WD_MORE_PROCESSING_REQUIRED] is no refusal, but says what comes next', async () => {
    const board = await openBoard()
    const transaction = await board.card.openTransaction({
      kind: 'contiguous',
      byteLength: 8192,
      maxTransferByteLength: 4096,
    })
    await transaction.execute()
    const progress: TransactionProgress[] = []
    for (let i = 0; i < 2; i++) progress.push(await transaction.transferCompleted())
    expect(progress).toMatchObject([
      { status: 'more', transfer: { offset: 4096, byteLength: 4096 } },
      { status: 'done' },
    ])
  })

  test('[WD_TOO_MANY_HANDLES] is for the lock after 65,536, until one of them ends', async () => {
    const most = 65_536
    const { card, ring } = await openBoard()
    const bytes = new Uint8Array(64)
    // Addresses above 4 GiB: there are not as many pages below.
    const options = dmaOptions.ALLOW_64BIT_ADDRESS
    const lock = () => card.lockScatterGather(bytes, { options })
    for (let made = 1; made < most; ) {
      const some = Math.min(4096, most - made)
      await Promise.all(Array.from({ length: some }, lock))
      made += some
    }
    await expect(lock()).rejects.toMatchObject({
      status: 0x2000_0022,
      statusName: 'WD_TOO_MANY_HANDLES',
      operation: 'lockScatterGather',
    })
    await ring.unlock()
    expect((await lock()).isLocked).toBe(true)
  }, 120_000)
})
