// The life of a lock: held, used by the device, unlocked.

import { describe, expect, test } from 'vitest'
import { allocatePages, freePages, hostLimits } from '../../native/index.ts'
import { dmaOptions } from '../../server/contract/dma-options.ts'
import { eachBoard } from './board-fixture.ts'
import type { Bus } from './bus.ts'

const { ALLOW_64BIT_ADDRESS } = dmaOptions

export function lockSuite(bus: Bus): void {
  describe('lock', () => {
    const at = eachBoard(bus)
    const byteLength = Math.min(256 * 1024, bus.limits.moveByteLength)
    /** CPU pages of locks, of which they share so many. */
    const counted = (pages: number, shared: number) =>
      4096 * (bus.limits.sharedPagesCountOnce ? pages : pages + shared)

    test('[WD_DMASyncCpu] [WD_DMASyncIo] what the device read is what it writes', async () => {
      const { card, move } = at.board
      const source = allocatePages(byteLength).subarray(3, byteLength - 5)
      const target = allocatePages(byteLength).subarray(3, byteLength - 5)
      source.forEach((_, i) => {
        source[i] = (i * 7) & 0xff
      })
      const from = await card.lockScatterGather(source, { direction: 'toDevice' })
      const to = await card.lockScatterGather(target, { direction: 'fromDevice' })
      await from.syncForDevice()
      expect(await move.call(at.board, from, 'toDevice', 0, source.length)).toBe('moved')
      expect(await move.call(at.board, to, 'fromDevice', 0, target.length)).toBe('moved')
      await to.syncForCpu()
      expect(Buffer.compare(source, target)).toBe(0)
    })

    test('the device cannot go against the direction', async () => {
      const lock = await at.board.card.lockScatterGather(allocatePages(4096).fill(1), {
        direction: 'toDevice',
      })
      const some = Math.min(4096, byteLength)
      expect(await at.board.move(lock, 'fromDevice', 0, some)).toBe('refused')
      expect(lock.userBytes.every((byte) => byte === 1)).toBe(true)
    })

    test('handles are never 0 and not used again', async () => {
      const handles = new Set<number>()
      for (let i = 0; i < 20; i++) {
        const lock = await at.board.card.lockContiguous(4096)
        handles.add(lock.handle)
        await lock.unlock()
      }
      expect(handles.size).toBe(20)
      expect(handles.has(0)).toBe(false)
    })

    test('[WD_DMAUnlock] a held lock is not unlocked', async () => {
      const lock = await at.board.card.lockContiguous(4096)
      const holds = [lock.hold('c2h0'), lock.hold('h2c0')]
      await expect(lock.unlock()).rejects.toMatchObject({ statusName: 'WD_TRY_AGAIN' })
      holds[0]?.release()
      holds[0]?.release()
      await expect(lock.unlock()).rejects.toMatchObject({ statusName: 'WD_TRY_AGAIN' })
      expect(lock.isLocked).toBe(true)
      holds[1]?.release()
      await lock.unlock()
      expect(lock.isLocked).toBe(false)
    })

    test('an ended lock is unlocked once, and neither held nor synced', async () => {
      const lock = await at.board.card.lockContiguous(4096)
      const first = lock.unlock()
      await expect(lock.unlock()).rejects.toMatchObject({ statusName: 'WD_OPERATION_ALREADY_DONE' })
      await first
      await expect(lock.unlock()).rejects.toMatchObject({ statusName: 'WD_OPERATION_ALREADY_DONE' })
      await expect(lock.syncForCpu()).rejects.toMatchObject({ statusName: 'WD_INVALID_HANDLE' })
      expect(() => lock.hold('c2h0')).toThrow(
        expect.objectContaining({ statusName: 'WD_INVALID_HANDLE' }),
      )
    })

    test('locked memory is resident exactly as long as a lock needs it', async () => {
      const { card } = at.board
      const before = hostLimits().lockedByteLength
      const bytes = allocatePages(8 * 4096)
      // Both need the fourth CPU page.
      const first = await card.lockScatterGather(bytes.subarray(0, 3.5 * 4096))
      const second = await card.lockScatterGather(bytes.subarray(3.5 * 4096))
      expect(hostLimits().lockedByteLength - before).toBe(counted(8, 1))
      await first.unlock()
      expect(hostLimits().lockedByteLength - before).toBe(5 * 4096)
      await second.unlock()
      expect(hostLimits().lockedByteLength).toBe(before)
    })

    test('the same memory may be locked twice', async () => {
      const before = hostLimits().lockedByteLength
      const bytes = allocatePages(16 * 4096)
      const locks = [
        await at.board.card.lockScatterGather(bytes),
        await at.board.card.lockScatterGather(bytes),
      ]
      expect(locks[0]?.pages[0]?.address).not.toBe(locks[1]?.pages[0]?.address)
      expect(hostLimits().lockedByteLength - before).toBe(counted(16, 16))
      await locks[0]?.unlock()
      expect(hostLimits().lockedByteLength - before).toBe(16 * 4096)
      await locks[1]?.unlock()
      expect(hostLimits().lockedByteLength).toBe(before)
    })

    test('whoever transfers the memory away does not take it from the device', async () => {
      const { card } = at.board
      const bytes = new Uint8Array(byteLength).fill(0x5a)
      const lock = await card.lockScatterGather(bytes)
      const moved = structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
      expect(bytes.byteLength).toBe(0)
      expect(lock.byteLength).toBe(byteLength)
      expect(await at.board.move(lock, 'toDevice', 0, byteLength)).toBe('moved')
      new Uint8Array(moved).fill(0)
      expect(await at.board.move(lock, 'fromDevice', 0, byteLength)).toBe('moved')
      expect(new Uint8Array(moved).every((byte) => byte === 0x5a)).toBe(true)
      await lock.unlock()
    })

    test('unlock ends the access of a device that goes on writing', async () => {
      const { card } = at.board
      const bytes = allocatePages(byteLength)
      const lock = await card.lockScatterGather(bytes, { options: ALLOW_64BIT_ADDRESS })
      const writing = await at.board.moveForever(lock)
      for (let i = 0; i < 50; i++) {
        bytes.fill(0xff)
        await new Promise((resolve) => setImmediate(resolve))
      }
      await lock.unlock()
      bytes.fill(0xee)
      // Some devices take a tenth of a second for what they had begun.
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect(bytes.every((byte) => byte === 0xee)).toBe(true)
      await writing.stop()
    })

    test('unlock of a contiguous lock detaches its memory', async () => {
      const lock = await at.board.card.lockContiguous(4096)
      const view = new Uint8Array(lock.userBytes.buffer)
      await lock.unlock()
      expect(view.byteLength).toBe(0)
      expect(lock.userBytes.byteLength).toBe(0)
      expect(lock.byteLength).toBe(4096)
    })

    test('pages are not freed while a lock covers a part of them', async () => {
      const bytes = allocatePages(8 * 4096)
      const lock = await at.board.card.lockScatterGather(bytes.subarray(2 * 4096, 3 * 4096))
      expect(() => freePages(bytes)).toThrow(
        expect.objectContaining({ statusName: 'WD_TRY_AGAIN' }),
      )
      await lock.unlock()
      freePages(bytes)
      expect(bytes.byteLength).toBe(0)
    })

    test('a lock is in the list of the card until it has ended', async () => {
      const before = at.board.card.locks.length
      const lock = await at.board.card.lockContiguous(4096, { owner: 'test' })
      expect(at.board.card.locks).toContain(lock)
      await lock.unlock()
      expect(at.board.card.locks).toHaveLength(before)
    })
  })
}
