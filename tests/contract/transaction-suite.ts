// One I/O request in several hardware transfers.

import { describe, expect, test } from 'vitest'
import {
  allocatePages,
  type DmaTransaction,
  hostLimits,
  type TransactionProgress,
  type TransactionTransfer,
} from '../../native/index.ts'
import { dmaOptions } from '../../server/contract/dma-options.ts'
import { eachBoard } from './board-fixture.ts'
import type { Bus } from './bus.ts'

const { DISABLE_MERGE_ADJACENT_PAGES, LARGE_BUFFER, TRANSACTION } = dmaOptions
const page = 4096
const outOfOrder = { statusName: 'WD_OPERATION_FAILED' }
const ended = { statusName: 'WD_INVALID_HANDLE' }

/** Runs it with transfers that do nothing; answers them. */
async function runThrough(transaction: DmaTransaction): Promise<TransactionTransfer[]> {
  const transfers = [await transaction.execute()]
  let progress: TransactionProgress = await transaction.transferCompleted()
  while (progress.status === 'more') {
    transfers.push(progress.transfer)
    progress = await transaction.transferCompleted()
  }
  return transfers
}

export function transactionSuite(bus: Bus): void {
  describe('transaction', () => {
    const at = eachBoard(bus)

    test('[WD_DMATransactionInit] [DMA_TRANSACTION] is a lock that may have more pages than a list', async () => {
      const { card } = at.board
      const transaction = await card.openTransaction({
        kind: 'scatterGather',
        bytes: allocatePages(300 * page),
        options: DISABLE_MERGE_ADJACENT_PAGES,
        direction: 'toDevice',
      })
      expect(transaction.lock.options & TRANSACTION).toBe(TRANSACTION)
      expect(transaction.lock.pages).toHaveLength(300)
      expect(card.locks).toContain(transaction.lock)
      const transfers = await runThrough(transaction)
      expect(transfers.map(({ pages }) => pages.length)).toEqual([256, 44])
    })

    test('[WD_DMATransactionExecute] [WD_DMATransferCompletedAndCheck] transfers follow one another, and move all', async () => {
      const { card, move } = at.board
      const bytes = allocatePages(64 * 1024).subarray(5, 60_005)
      bytes.forEach((_, i) => {
        bytes[i] = (i * 13) & 0xff
      })
      const whole = bytes.slice()
      const most = Math.min(7000, bus.limits.moveByteLength)
      const transaction = await card.openTransaction({
        kind: 'scatterGather',
        bytes,
        maxTransferByteLength: most,
      })
      const transfers = await runThrough(transaction)
      const offsets = Array.from({ length: Math.ceil(60_000 / most) }, (_, n) => most * n)
      expect(transfers.map(({ offset }) => offset)).toEqual(offsets)
      expect(transfers.at(-1)?.byteLength).toBe(60_000 - (offsets.at(-1) ?? 0))
      for (const { byteLength, pages } of transfers) {
        expect(pages.reduce((sum, entry) => sum + entry.byteLength, 0)).toBe(byteLength)
      }
      transaction.release()
      // The same object again, with the board at work.
      let transfer: TransactionTransfer | undefined = await transaction.execute()
      while (transfer) {
        const { offset, byteLength } = transfer
        const moving = ['toDevice', 'fromDevice'] as const
        for (const direction of moving) {
          expect(await move.call(at.board, transaction.lock, direction, offset, byteLength)).toBe(
            'moved',
          )
        }
        const progress = await transaction.transferCompleted(byteLength)
        transfer = progress.status === 'more' ? progress.transfer : undefined
      }
      transaction.release()
      await transaction.uninit()
      expect(Buffer.compare(bytes, whole)).toBe(0)
    })

    test('contiguous memory is cut by bytes, and a short transfer goes on where it ended', async () => {
      const transaction = await at.board.card.openTransaction({
        kind: 'contiguous',
        byteLength: 10_000,
        maxTransferByteLength: 4000,
      })
      const base = transaction.lock.pages[0]?.address ?? 0n
      expect((await transaction.execute()).pages).toEqual([{ address: base, byteLength: 4000 }])
      expect(await transaction.transferCompleted(1000)).toEqual({
        status: 'more',
        transfer: {
          offset: 1000,
          byteLength: 4000,
          pages: [{ address: base + 1000n, byteLength: 4000 }],
        },
      })
      await transaction.transferCompleted()
      expect(await transaction.transferCompleted(4000)).toMatchObject({
        transfer: { offset: 9000, byteLength: 1000 },
      })
      expect(await transaction.transferCompleted()).toEqual({ status: 'done' })
    })

    test('with LARGE_BUFFER maxPages is the capacity of one transfer', async () => {
      const transaction = await at.board.card.openTransaction({
        kind: 'scatterGather',
        bytes: allocatePages(10 * page),
        options: DISABLE_MERGE_ADJACENT_PAGES | LARGE_BUFFER,
        maxPages: 4,
      })
      const transfers = await runThrough(transaction)
      expect(transfers.map(({ pages }) => pages.length)).toEqual([4, 4, 2])
    })

    test('[WD_DMATransactionRelease] [WD_DMATransactionUninit] wrong order is refused and leaves nothing', async () => {
      const before = hostLimits().lockedByteLength
      const { card } = at.board
      const transaction = await card.openTransaction({ kind: 'contiguous', byteLength: 8 * page })
      await expect(transaction.transferCompleted()).rejects.toMatchObject(outOfOrder)
      expect(() => transaction.release()).toThrow(expect.objectContaining(outOfOrder))
      await transaction.execute()
      await expect(transaction.execute()).rejects.toMatchObject(outOfOrder)
      for (const byteLength of [0, -1, 0.5, 8 * page + 1]) {
        await expect(transaction.transferCompleted(byteLength)).rejects.toMatchObject({
          statusName: 'WD_INVALID_PARAMETER',
        })
      }
      const tryAgain = { statusName: 'WD_TRY_AGAIN' }
      await expect(transaction.uninit()).rejects.toMatchObject(tryAgain)
      await expect(transaction.lock.unlock()).rejects.toMatchObject(tryAgain)
      expect(await transaction.transferCompleted()).toEqual({ status: 'done' })
      await expect(transaction.transferCompleted()).rejects.toMatchObject(outOfOrder)
      await expect(transaction.execute()).rejects.toMatchObject(outOfOrder)
      await expect(transaction.uninit()).rejects.toMatchObject(tryAgain)
      transaction.release()
      expect(() => transaction.release()).toThrow(expect.objectContaining(outOfOrder))
      // A run that fails half way is released just so.
      await transaction.execute()
      transaction.release()
      await transaction.uninit()
      expect(hostLimits().lockedByteLength).toBe(before)
      await expect(transaction.uninit()).rejects.toMatchObject({
        statusName: 'WD_OPERATION_ALREADY_DONE',
      })
      await expect(transaction.execute()).rejects.toMatchObject(ended)
      await expect(transaction.transferCompleted()).rejects.toMatchObject(ended)
      expect(() => transaction.release()).toThrow(expect.objectContaining(ended))
    })

    test('one transfer is accounted for once', async () => {
      const transaction = await at.board.card.openTransaction({
        kind: 'contiguous',
        byteLength: 2 * page,
        maxTransferByteLength: page,
      })
      await transaction.execute()
      const both = [transaction.transferCompleted(), transaction.transferCompleted()]
      expect((await Promise.all(both)).map(({ status }) => status)).toEqual(['more', 'done'])
    })

    test('a closed card ends it', async () => {
      const { card } = at.board
      const transaction = await card.openTransaction({ kind: 'contiguous', byteLength: page })
      await transaction.execute()
      await card.close()
      await expect(transaction.transferCompleted()).rejects.toMatchObject(ended)
      transaction.release()
      await expect(transaction.execute()).rejects.toMatchObject(ended)
      await expect(transaction.uninit()).rejects.toMatchObject({
        statusName: 'WD_OPERATION_ALREADY_DONE',
      })
    })

    test.each([
      ['no bytes a transfer', { maxTransferByteLength: 0 }],
      ['half a byte', { maxTransferByteLength: 0.5 }],
      ['no page', { options: LARGE_BUFFER, maxPages: 0 }],
      ['maxPages without LARGE_BUFFER', { maxPages: 4 }],
    ])('%s is refused', async (_, limits) => {
      const request = { kind: 'scatterGather', bytes: allocatePages(page), ...limits } as const
      await expect(at.board.card.openTransaction(request)).rejects.toMatchObject({
        statusName: 'WD_INVALID_PARAMETER',
      })
    })
  })
}
