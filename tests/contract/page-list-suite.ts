// Page lists and device addresses.

import { describe, expect, test } from 'vitest'
import { allocatePages, type DmaLock, hostLimits } from '../../native/index.ts'
import { dmaOptions } from '../../server/contract/dma-options.ts'
import { eachBoard } from './board-fixture.ts'
import type { Bus } from './bus.ts'

const { DISABLE_MERGE_ADJACENT_PAGES, LARGE_BUFFER, ALLOW_64BIT_ADDRESS } = dmaOptions
const cpuPage = 4096n

const total = (lock: DmaLock) => lock.pages.reduce((sum, page) => sum + page.byteLength, 0)

export function pageListSuite(bus: Bus): void {
  describe('page list', () => {
    const at = eachBoard(bus)

    test('the manual page: 20,000 bytes at an odd address keep first offset and last length', async () => {
      const bytes = allocatePages(32768).subarray(0x123, 0x123 + 20_000)
      const lock = await at.board.card.lockScatterGather(bytes, {
        options: DISABLE_MERGE_ADJACENT_PAGES,
      })
      expect(lock.pages.map((page) => page.byteLength)).toEqual([
        4096 - 0x123,
        4096,
        4096,
        4096,
        20_000 - 4 * 4096 + 0x123,
      ])
      expect(lock.pages.map((page) => page.address % cpuPage)).toEqual([0x123n, 0n, 0n, 0n, 0n])
    })

    test('merged pages cover the memory exactly and are never adjacent', async () => {
      const bytes = allocatePages(40 * 4096).subarray(1, 40 * 4096 - 1)
      const lock = await at.board.card.lockScatterGather(bytes)
      expect(total(lock)).toBe(bytes.byteLength)
      lock.pages.slice(1).forEach((page, i) => {
        const before = lock.pages[i]
        expect(page.address).not.toBe((before?.address ?? 0n) + BigInt(before?.byteLength ?? 0))
      })
    })

    test('a contiguous lock of 20 pages is one page of zeroes', async () => {
      const lock = await at.board.card.lockContiguous(20 * 4096)
      expect(lock.pages).toHaveLength(1)
      expect(lock.pages[0]?.byteLength).toBe(20 * 4096)
      expect(lock.userBytes.every((byte) => byte === 0)).toBe(true)
      expect(lock.kernelAddress).toBe(0n)
    })

    test('256 entries need no LARGE_BUFFER, 257 do, and failing leaves nothing behind', async () => {
      const before = hostLimits().lockedByteLength
      const options = DISABLE_MERGE_ADJACENT_PAGES
      const bytes = allocatePages(257 * 4096)
      await expect(at.board.card.lockScatterGather(bytes, { options })).rejects.toMatchObject({
        statusName: 'WD_INSUFFICIENT_RESOURCES',
      })
      expect(hostLimits().lockedByteLength).toBe(before)
      expect(at.board.card.locks.filter((lock) => lock.kind === 'scatterGather')).toEqual([])
      const most = await at.board.card.lockScatterGather(bytes.subarray(0, 256 * 4096), { options })
      expect(most.pages).toHaveLength(256)
    })

    test('with LARGE_BUFFER maxPages is the capacity', async () => {
      const options = DISABLE_MERGE_ADJACENT_PAGES | LARGE_BUFFER
      const bytes = allocatePages(300 * 4096)
      const tooFew = at.board.card.lockScatterGather(bytes, { options, maxPages: 299 })
      await expect(tooFew).rejects.toMatchObject({ statusName: 'WD_INSUFFICIENT_RESOURCES' })
      const lock = await at.board.card.lockScatterGather(bytes, { options, maxPages: 300 })
      expect(lock.pages).toHaveLength(300)
    })

    test('addresses are below 4 GiB unless the board may use more', async () => {
      const low = await at.board.card.lockContiguous(4096)
      const high = await at.board.card.lockContiguous(4096, { options: ALLOW_64BIT_ADDRESS })
      expect(low.pages[0]?.address).toBeLessThan(1n << 32n)
      expect(low.pages[0]?.address).toBeGreaterThan(0n)
      expect(high.pages[0]?.address).not.toBe(low.pages[0]?.address)
    })

    test('device addresses are given back and used again', async () => {
      // More in sum than there are addresses below 4 GiB.
      const byteLength = 64 * 1024 * 1024
      for (let i = 0; i < 80; i++) {
        const lock = await at.board.card.lockContiguous(byteLength)
        await lock.unlock()
      }
    })
  })
}
