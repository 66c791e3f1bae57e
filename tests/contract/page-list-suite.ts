// Page lists and device addresses.

import { describe, expect, test } from 'vitest'
import { allocatePages, type DmaLock, hostLimits } from '../../native/index.ts'
import { dmaOptions } from '../../server/contract/dma-options.ts'
import { eachBoard } from './board-fixture.ts'
import type { Bus } from './bus.ts'

const { DISABLE_MERGE_ADJACENT_PAGES, LARGE_BUFFER, ALLOW_64BIT_ADDRESS } = dmaOptions
const { KBUF_BELOW_16M, KERNEL_BUFFER_ALLOC } = dmaOptions
const cpuPage = 4096n

const total = (lock: DmaLock) => lock.pages.reduce((sum, page) => sum + page.byteLength, 0)

export function pageListSuite(bus: Bus): void {
  describe('page list', () => {
    const at = eachBoard(bus)

    test('[DMA_DISABLE_MERGE_ADJACENT_PAGES] first and last page keep their offset and length', async () => {
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

    test('[WD_DMALock] the manual page of WD_DMALock: scatter/gather of a 20,000-byte malloc at an odd address', async () => {
      const bytes = new Uint8Array(32768).subarray(0x123, 0x123 + 20_000)
      const lock = await at.board.card.lockScatterGather(bytes, { direction: 'toFromDevice' })
      expect(lock.handle).toBeGreaterThan(0)
      expect(lock.userBytes).toBe(bytes)
      expect(total(lock)).toBe(20_000)
      expect(lock.pages.length).toBeGreaterThanOrEqual(1)
      expect(lock.pages.length).toBeLessThanOrEqual(6)
      expect(lock.pages.every((page) => page.address > 0n)).toBe(true)
      await lock.unlock()
      expect(bytes.byteLength).toBe(20_000)
    })

    test('[WD_DMALock] the manual page of WD_DMALock: 20 contiguous pages', async () => {
      const lock = await at.board.card.lockContiguous(20 * 4096, {
        direction: 'toFromDevice',
        options: KERNEL_BUFFER_ALLOC | DISABLE_MERGE_ADJACENT_PAGES,
      })
      expect(lock.pages).toHaveLength(1)
      expect((lock.pages[0]?.address ?? 1n) % cpuPage).toBe(0n)
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

    test('[DMA_ALLOW_64BIT_ADDRESS] addresses are below 4 GiB unless the board may use more', async () => {
      const low = await at.board.card.lockContiguous(4096)
      const high = await at.board.card.lockContiguous(4096, { options: ALLOW_64BIT_ADDRESS })
      expect(low.pages[0]?.address).toBeLessThan(1n << 32n)
      expect(low.pages[0]?.address).toBeGreaterThan(0n)
      expect(high.pages[0]?.address).not.toBe(low.pages[0]?.address)
    })

    test.each([24, 26, 28, 29, 31, 32, 40, 64])(
      '[DMA_KBUF_ALLOC_SPECIFY_ADDRESS_WIDTH] addresses of %d bits',
      async (addressWidth) => {
        const { card } = at.board
        const narrow = await card.lockContiguous(64 * 1024, { addressWidth })
        const asked = { addressWidth, options: ALLOW_64BIT_ADDRESS }
        const wide = await card.lockContiguous(64 * 1024, asked)
        const raw = { options: ALLOW_64BIT_ADDRESS | 0x800 | (addressWidth << 24) }
        const same = await card.lockContiguous(64 * 1024, raw)
        expect(same.options).toBe(wide.options)
        const end = ({ pages }: DmaLock) => (pages[0]?.address ?? 0n) + 64n * 1024n
        expect(end(narrow)).toBeLessThanOrEqual(1n << BigInt(Math.min(addressWidth, 32)))
        expect(end(wide)).toBeLessThanOrEqual(1n << BigInt(addressWidth))
        expect(end(same)).toBeLessThanOrEqual(1n << BigInt(addressWidth))
        expect(narrow.pages[0]?.address).toBeGreaterThan(0n)
      },
    )

    test('[DMA_KBUF_BELOW_16M] addresses are below 16 MiB, and there are few', async () => {
      const { card } = at.board
      const options = KBUF_BELOW_16M | ALLOW_64BIT_ADDRESS
      const lock = await card.lockContiguous(1 << 20, { options })
      const address = lock.pages[0]?.address ?? 0n
      expect(address).toBeGreaterThan(0n)
      expect(address + (1n << 20n)).toBeLessThanOrEqual(1n << 24n)
      const error = await card.lockContiguous(16 << 20, { options }).catch((thrown) => thrown)
      expect(error).toMatchObject({
        statusName: 'WD_INSUFFICIENT_RESOURCES',
        limit: { wantedByteLength: expect.any(Number) },
        help: expect.stringContaining('KBUF_BELOW_16M'),
      })
    })

    test('an address width that no window serves says what would help', async () => {
      const lock = at.board.card.lockContiguous(4096, { addressWidth: 16 })
      await expect(lock).rejects.toMatchObject({
        statusName: 'WD_INSUFFICIENT_RESOURCES',
        limit: { byteLength: 0 },
        help: expect.stringContaining('address width'),
      })
    })

    test('device addresses are given back and used again', async () => {
      // More in sum than the window below 4 GiB has.
      const byteLength = 64 * 1024 * 1024
      for (let i = 0; i < 10; i++) {
        const lock = await at.board.card.lockContiguous(byteLength)
        await lock.unlock()
      }
    })
  })
}
