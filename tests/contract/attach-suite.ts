// More than one lock of the same contiguous memory.

import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { allocatePages, hostLimits, openCard } from '../../native/index.ts'
import { dmaOptions } from '../../server/contract/dma-options.ts'
import { compiledNative } from '../native/compiled-native.ts'
import { eachBoard } from './board-fixture.ts'
import type { Bus } from './bus.ts'

const { ALLOW_64BIT_ADDRESS, GET_EXISTING_BUF, KERNEL_BUFFER_ALLOC, KERNEL_ONLY_MAP } = dmaOptions
const invalidHandle = { statusName: 'WD_INVALID_HANDLE', operation: 'attachContiguous' }

export function attachSuite(bus: Bus): void {
  describe('attachment', () => {
    const byteLength = 64 * 1024
    const moveByteLength = Math.min(byteLength, bus.limits.moveByteLength)
    const at = eachBoard(bus)

    test('[DMA_GET_EXISTING_BUF] has its own handle and view of the same memory and pages', async () => {
      const { card } = at.board
      const lock = await card.lockContiguous(byteLength, { owner: 'first' })
      const attached = await card.attachContiguous(lock.handle, { owner: 'second' })
      expect(attached.handle).not.toBe(lock.handle)
      expect([lock.originalHandle, attached.originalHandle]).toEqual([lock.handle, lock.handle])
      expect(attached.pages).toEqual(lock.pages)
      expect(attached.options).toBe(lock.options | GET_EXISTING_BUF)
      expect(attached.userBytes.buffer).not.toBe(lock.userBytes.buffer)
      lock.userBytes[100] = 7
      expect(attached.userBytes[100]).toBe(7)
      expect(card.locks).toEqual(expect.arrayContaining([lock, attached]))
    })

    test.each(['the first', 'the attachment'])('memory and pages outlive %s', async (which) => {
      const { card, move } = at.board
      const before = hostLimits().lockedByteLength
      const lock = await card.lockContiguous(byteLength)
      const attached = await card.attachContiguous(lock.handle)
      expect(hostLimits().lockedByteLength - before).toBe(byteLength)
      lock.userBytes.fill(0x5a)
      const [ends, stays] = which === 'the first' ? [lock, attached] : [attached, lock]
      await ends.unlock()
      expect(ends.userBytes.byteLength).toBe(0)
      expect(stays.isLocked).toBe(true)
      expect(stays.userBytes.every((byte) => byte === 0x5a)).toBe(true)
      expect(await move.call(at.board, stays, 'toDevice', 0, moveByteLength)).toBe('moved')
      await stays.unlock()
      expect(hostLimits().lockedByteLength).toBe(before)
      expect(await move.call(at.board, stays, 'toDevice', 0, moveByteLength)).toBe('refused')
    })

    test('holds are of one lock, not of the memory', async () => {
      const { card } = at.board
      const lock = await card.lockContiguous(byteLength)
      const attached = await card.attachContiguous(lock.handle)
      const hold = attached.hold('c2h0')
      await expect(attached.unlock()).rejects.toMatchObject({ statusName: 'WD_TRY_AGAIN' })
      await lock.unlock()
      hold.release()
      await attached.unlock()
      await expect(attached.unlock()).rejects.toMatchObject({
        statusName: 'WD_OPERATION_ALREADY_DONE',
      })
    })

    test('an attachment can be attached to when the first lock is gone', async () => {
      const { card } = at.board
      const lock = await card.lockContiguous(byteLength)
      const second = await card.attachContiguous(lock.handle)
      await lock.unlock()
      await expect(card.attachContiguous(lock.handle)).rejects.toMatchObject(invalidHandle)
      const third = await card.attachContiguous(second.handle)
      expect(third.originalHandle).toBe(lock.handle)
      expect(third.pages).toEqual(second.pages)
      await second.unlock()
      expect(third.userBytes.byteLength).toBe(byteLength)
    })

    test('handles of no contiguous lock are refused', async () => {
      const { card } = at.board
      const scatterGather = await card.lockScatterGather(allocatePages(byteLength))
      for (const handle of [0, 2 ** 50, scatterGather.handle]) {
        await expect(card.attachContiguous(handle)).rejects.toMatchObject(invalidHandle)
      }
      for (const handle of [-1, 0.5, Number.NaN]) {
        await expect(card.attachContiguous(handle)).rejects.toMatchObject({
          statusName: 'WD_INVALID_PARAMETER',
        })
      }
    })

    test('what it takes over is not asked for again otherwise', async () => {
      const { card } = at.board
      const { handle } = await card.lockContiguous(byteLength, { direction: 'toDevice' })
      const before = card.locks.length
      const invalid = { statusName: 'WD_INVALID_PARAMETER' }
      const attach = (options: object) => card.attachContiguous(handle, options)
      await expect(attach({ direction: 'fromDevice' })).rejects.toMatchObject(invalid)
      await expect(attach({ options: ALLOW_64BIT_ADDRESS })).rejects.toMatchObject(invalid)
      await expect(attach({ addressWidth: 24 })).rejects.toMatchObject(invalid)
      await expect(attach({ maxPages: 1 })).rejects.toMatchObject(invalid)
      expect(card.locks).toHaveLength(before)
      const options = GET_EXISTING_BUF | KERNEL_BUFFER_ALLOC | KERNEL_ONLY_MAP
      const attached = await attach({ direction: 'toDevice', options })
      expect(attached.direction).toBe('toDevice')
      expect(attached.userBytes.byteLength).toBe(0)
    })

    test('another card reaches the memory by addresses of its own, also when the first is closed', async () => {
      const before = hostLimits().lockedByteLength
      const other = await openCard(JSON.parse(bus.otherConfig))
      const lock = await other.lockContiguous(byteLength)
      const attached = await at.board.card.attachContiguous(lock.handle)
      lock.userBytes.fill(0x33)
      await other.close()
      expect(attached.userBytes.every((byte) => byte === 0x33)).toBe(true)
      expect(await at.board.move(attached, 'toDevice', 0, moveByteLength)).toBe('moved')
      await attached.unlock()
      expect(hostLimits().lockedByteLength).toBe(before)
    })

    test('a worker attaches by the handle, and its end leaves the lock alone', async () => {
      const before = hostLimits().lockedByteLength
      const lock = await at.board.card.lockContiguous(byteLength)
      const script = `(async () => {
        const { parentPort } = require('node:worker_threads')
        const { openCard } = await import(${JSON.stringify(compiledNative())})
        const card = await openCard(${bus.otherConfig})
        const lock = await card.attachContiguous(${lock.handle})
        lock.userBytes.fill(0x77)
        parentPort.postMessage(lock.originalHandle)
        setInterval(() => {}, 1000)
      })()`
      const worker = new Worker(script, { eval: true })
      const answer = await new Promise((resolve, reject) => {
        worker.once('message', resolve)
        worker.once('error', reject)
      })
      expect(answer).toBe(lock.handle)
      expect(lock.userBytes.every((byte) => byte === 0x77)).toBe(true)
      await worker.terminate()
      expect(lock.isLocked).toBe(true)
      expect(lock.userBytes[0]).toBe(0x77)
      await lock.unlock()
      expect(hostLimits().lockedByteLength).toBe(before)
    })
  })
}
